package org.octet.nn;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.octet.tensor.Tensor;

/**
 * Children that run one after the other; the first gets all inputs. Their names are "0", "1", ...
 * or given ones.
 */
public class Sequential extends Module {
  private List<Key> keys = new ArrayList<>();

  /** Children named "0", "1", ... */
  public Sequential(Module... modules) {
    for (Module m : modules) {
      keys.add(child(Integer.toString(keys.size()), m));
    }
  }

  /** Named children, in the map's order: a LinkedHashMap keeps that of the insertions. */
  public Sequential(Map<String, ? extends Module> modules) {
    modules.forEach((name, m) -> keys.add(child(name, m)));
  }

  /** Appends a named child; returns this. */
  public Sequential add(String name, Module module) {
    keys.add(child(name, module));
    return this;
  }

  /** The number of children that run. */
  public final int size() {
    return keys.size();
  }

  /** The child that now runs at position {@code index}. */
  public final Module get(int index) {
    return namedChildren().get(keys.get(index).name());
  }

  @Override
  protected void copied(Module original) {
    keys = new ArrayList<>(keys);
  }

  @Override
  public Tensor forward(Tensor... in) {
    Tensor x = null;
    for (int i = 0; i < keys.size(); i++) {
      if (isBatchNormAndRelu(i) && (x != null || in.length == 1)) {
        x = runWithRelu(keys.get(i), x == null ? in[0] : x);
        i++;
      } else {
        x = x == null ? run(keys.get(i), in) : run(keys.get(i), x);
      }
    }
    return x == null ? in[0] : x;
  }

  /** Whether the children at {@code i} and after it are these, and train without onlookers. */
  private boolean isBatchNormAndRelu(int i) {
    return i + 1 < keys.size()
        && get(i) instanceof BatchNorm bn
        && bn.takesRelu()
        && get(i + 1).getClass() == ReLU.class
        && get(i + 1).namedChildren().isEmpty();
  }
}
