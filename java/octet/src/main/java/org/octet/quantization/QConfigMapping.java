package org.octet.quantization;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.octet.nn.Module;
import org.octet.tensor.OctetException;

/**
 * Which modules get which {@link QConfig}; null means "do not quantize".
 *
 * <p>For a module the first of these that answers counts (PyTorch's order): its name, or the name
 * of the nearest module around it; the first regex, in order of setting, that matches the beginning
 * of its name; its exact type (for a fused module also the type of its first part), or that of the
 * nearest module around it; the global entry. Without a global entry nothing else is quantized.
 */
public final class QConfigMapping {
  private QConfig global;
  private final Map<Class<? extends Module>, QConfig> types = new LinkedHashMap<>();
  private final Map<String, QConfig> names = new LinkedHashMap<>();
  private final Map<String, Pattern> patterns = new LinkedHashMap<>();
  private final Map<String, QConfig> regexes = new LinkedHashMap<>();

  /** An empty mapping: nothing is quantized. */
  public QConfigMapping() {}

  /** An engine's default for everything (PyTorch's get_default_qconfig_mapping). */
  public static QConfigMapping forEngine(Engine engine) {
    return new QConfigMapping().setGlobal(engine.defaultQConfig());
  }

  /**
   * An engine's default for quantization-aware training for everything (PyTorch's
   * get_default_qat_qconfig_mapping). What was trained is what is deployed, see {@link
   * QParamsRule#OBSERVER}.
   */
  public static QConfigMapping qat(Engine engine) {
    return qat(engine, QParamsRule.OBSERVER);
  }

  /** {@link #qat(Engine)} with another rule for the parameters while training. */
  public static QConfigMapping qat(Engine engine, QParamsRule rule) {
    return new QConfigMapping().setGlobal(engine.defaultQatQConfig(1, rule));
  }

  /** Sets the entry for modules that no other entry is for; returns this. */
  public QConfigMapping setGlobal(QConfig qconfig) {
    global = qconfig;
    return this;
  }

  /** Sets the entry for modules of exactly this type, and what is inside them; returns this. */
  public QConfigMapping setObjectType(Class<? extends Module> type, QConfig qconfig) {
    types.put(type, qconfig);
    return this;
  }

  /**
   * Sets the entry for the module with this path, such as "features.0", and what is inside it;
   * returns this.
   */
  public QConfigMapping setModuleName(String path, QConfig qconfig) {
    names.put(path, qconfig);
    return this;
  }

  /** Sets the entry for modules whose path begins with a match of {@code regex}; returns this. */
  public QConfigMapping setModuleNameRegex(String regex, QConfig qconfig) {
    patterns.put(regex, Pattern.compile(regex));
    regexes.put(regex, qconfig);
    return this;
  }

  /** The entry for the module at {@code path} of a model, or null. */
  public QConfig qconfigFor(Module root, String path) {
    for (String p = path; ; p = parent(p)) {
      // "" names no module: what is for the whole model is the global entry.
      if (!p.isEmpty() && names.containsKey(p)) {
        return names.get(p);
      }
      if (p.isEmpty()) {
        break;
      }
    }
    for (Map.Entry<String, Pattern> e : patterns.entrySet()) {
      if (e.getValue().matcher(path).lookingAt()) {
        return regexes.get(e.getKey());
      }
    }
    for (String p = path; ; p = parent(p)) {
      Supplier<QConfig> found = byType(root.module(p));
      if (found != null) {
        return found.get();
      }
      if (p.isEmpty()) {
        break;
      }
    }
    return global;
  }

  /** Names and regexes that fit no module of a model: most likely misspelt. */
  List<String> unmatched(Module root) {
    List<String> out = new ArrayList<>();
    for (String name : names.keySet()) {
      try {
        root.module(name);
      } catch (OctetException e) {
        out.add("name \"" + name + "\"");
      }
    }
    Set<String> paths = root.namedModules().keySet();
    for (Map.Entry<String, Pattern> e : patterns.entrySet()) {
      if (paths.stream().noneMatch(p -> !p.isEmpty() && e.getValue().matcher(p).lookingAt())) {
        out.add("regex \"" + e.getKey() + "\"");
      }
    }
    return out;
  }

  private Supplier<QConfig> byType(Module m) {
    if (types.containsKey(m.getClass())) {
      return () -> types.get(m.getClass());
    }
    Module first = Fusion.isFused(m) ? m.namedChildren().get("0") : null;
    return first != null && types.containsKey(first.getClass())
        ? () -> types.get(first.getClass())
        : null;
  }

  /** The path of the module around the one at {@code path}. */
  static String parent(String path) {
    int dot = path.lastIndexOf('.');
    return dot < 0 ? "" : path.substring(0, dot);
  }

  @Override
  public String toString() {
    return "QConfigMapping(global "
        + global
        + ", types "
        + types
        + ", names "
        + names
        + ", regexes "
        + regexes
        + ")";
  }
}
