package org.octet.quantization;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.octet.backend.Platform;
import org.octet.nn.Identity;
import org.octet.nn.Module;
import org.octet.nn.Sequential;
import org.octet.nn.intrinsic.Fused;
import org.octet.tensor.OctetException;
import org.octet.tensor.Tensor;

/**
 * Merges neighbouring layers before quantization: Conv-BatchNorm, Conv-BatchNorm-ReLU, Conv-ReLU,
 * Linear-ReLU, Linear-BatchNorm1d, BatchNorm-ReLU (2-D and 3-D) and, in evaluation mode,
 * ConvTranspose-BatchNorm, by exact type. The first module of a group becomes the fused one, the
 * others become Identity; batch normalisation is folded into the weights. The given model stays as
 * it is: a copy is returned.
 *
 * <p>Groups are given by name, or found: {@link #fuse(Module)} runs the model's forward on tensors
 * without values and fuses layers of which it sees that each one's result goes to the next one and
 * nowhere else, and that each is run once and sits in one place. So the order in which a class
 * registers its children does not matter, and a ReLU that serves two places stays. Where forward
 * does something that cannot be followed (it reads values, or its shapes need the real input), give
 * an example input, or the groups.
 */
public final class Fusion {
  private Fusion() {}

  /**
   * Fuses what the data flow shows to be neighbours. Where forward cannot be followed, only
   * children of a {@link Sequential} are fused and a warning is logged.
   *
   * @param model in evaluation mode
   * @throws FusionException if the model is in training mode
   */
  public static Module fuse(Module model) {
    requireEval(model);
    return fuse(model, foundGroups(model));
  }

  private static List<List<String>> foundGroups(Module model) {
    try {
      return FlowTrace.groups(model);
    } catch (RuntimeException e) {
      Platform.warn(
          "org.octet.quantization",
          "Fusion cannot follow the forward of "
              + model.getClass().getSimpleName()
              + " ("
              + e.getMessage()
              + "); it fuses the children of Sequential only."
              + " Give an example input or the groups: Fusion.fuse(model, example),"
              + " Fusion.fuse(model, List.of(List.of(\"conv\", \"bn\"))).");
      return sequentialGroups(model);
    }
  }

  /**
   * Fuses what the data flow for inputs of these shapes shows to be neighbours; the values do not
   * matter.
   *
   * @param model in evaluation mode
   * @param example inputs as forward takes them
   * @throws FusionException if the model is in training mode
   * @throws OctetException what forward throws for these inputs
   */
  public static Module fuse(Module model, Tensor... example) {
    requireEval(model);
    return fuse(model, FlowTrace.groups(model, example));
  }

  /**
   * Fuses groups of modules given by path, each in the order in which they run, for example {@code
   * List.of(List.of("conv1", "bn1", "relu1"), List.of("fc", "relu2"))}. Whether they really run one
   * after the other is not checked.
   *
   * @param model whose groups are in evaluation mode
   * @throws FusionException if a name is unknown, a group is none of the patterns or in another
   *     order, is in training mode, or has a module that sits in more than one place
   */
  public static Module fuse(Module model, List<List<String>> groups) {
    return fuseAll(model, groups, false);
  }

  private static Module fuseAll(Module model, List<List<String>> groups, boolean qat) {
    Module copy = model.copy();
    Set<String> used = new HashSet<>();
    for (List<String> group : groups) {
      fuseGroup(copy, group, used, qat);
    }
    return copy;
  }

  /**
   * Fuses for quantization-aware training what the data flow shows to be neighbours: the same
   * groups as {@link #fuse(Module)}, but batch normalisation is kept, in ConvBn2d, ConvBnReLU2d,
   * LinearBn1d and the like, which {@code prepareQat} knows.
   *
   * @param model in training mode
   * @throws FusionException if a module to fuse is in evaluation mode, or its batch normalisation
   *     has no scale and shift
   */
  public static Module fuseQat(Module model) {
    // Training leaves traces in statistics, and Dropout between layers.
    return fuseAll(model, trained(model, foundGroups(model.copy().eval())), true);
  }

  /** The groups that have a form for training; the others stay apart. */
  private static List<List<String>> trained(Module model, List<List<String>> groups) {
    return groups.stream()
        .filter(
            g -> FusionPatterns.trains(g.stream().map(model::module).collect(Collectors.toList())))
        .collect(Collectors.toList());
  }

  /** {@link #fuseQat(Module)} for inputs of these shapes; the values do not matter. */
  public static Module fuseQat(Module model, Tensor... example) {
    return fuseAll(model, trained(model, FlowTrace.groups(model.copy().eval(), example)), true);
  }

  /** {@link #fuseQat(Module)} for groups given by path, as in {@link #fuse(Module, List)}. */
  public static Module fuseQat(Module model, List<List<String>> groups) {
    return fuseAll(model, groups, true);
  }

  /** Whether this is one of the fused float modules, which count as one layer. */
  public static boolean isFused(Module m) {
    return m instanceof Fused;
  }

  private static void fuseGroup(Module root, List<String> group, Set<String> used, boolean qat) {
    Map<Module, Integer> slots = slots(root);
    List<Module> modules = new ArrayList<>();
    for (String path : group) {
      Module m;
      try {
        m = root.module(path);
      } catch (OctetException e) {
        throw new FusionException("Cannot fuse " + group + ". " + e.getMessage(), e);
      }
      if (path.isEmpty() || !used.add(path)) {
        throw new FusionException(
            "Cannot fuse " + group + ": \"" + path + "\" is the model itself or stands twice.");
      }
      modules.add(m);
    }
    if (!FusionPatterns.matches(modules)) {
      throw new FusionException(
          "Cannot fuse "
              + group
              + ", which are "
              + modules
              + "; expected one of "
              + FusionPatterns.describe()
              + ", of exactly these types, named in the order in which they run.");
    }
    for (int i = 0; i < modules.size(); i++) {
      if (modules.get(i).isTraining() != qat) {
        throw new FusionException(
            "Cannot fuse "
                + group
                + ": "
                + group.get(i)
                + (qat
                    ? " is in evaluation mode. Call train() on the model first; to quantize without"
                        + " training, use fuse."
                    : " is in training mode. Call eval() on the model first; to train on, use"
                        + " fuseQat."));
      }
      if (slots.get(modules.get(i)) > 1) {
        throw new FusionException(
            "Cannot fuse "
                + group
                + ": the module at "
                + group.get(i)
                + " sits in "
                + slots.get(modules.get(i))
                + " places of the model, and fusing one would change the others. Give each place a"
                + " module of its own.");
      }
    }
    Module fused;
    try {
      fused = qat ? FusionPatterns.fuseQat(modules) : FusionPatterns.fuse(modules);
    } catch (FusionException e) {
      throw new FusionException("Cannot fuse " + group + ": " + e.getMessage(), e);
    }
    replace(root, group.get(0), fused);
    for (String path : group.subList(1, group.size())) {
      replace(root, path, new Identity().train(qat));
    }
  }

  private static void replace(Module root, String path, Module with) {
    int dot = path.lastIndexOf('.');
    root.module(dot < 0 ? "" : path.substring(0, dot)).setChild(path.substring(dot + 1), with);
  }

  /**
   * In how many slots each module sits; one inside a module that sits in two slots counts there
   * once.
   */
  static Map<Module, Integer> slots(Module root) {
    Map<Module, Integer> out = new IdentityHashMap<>();
    for (Module m : root.namedModules().values()) {
      m.namedChildren().values().forEach(c -> out.merge(c, 1, Integer::sum));
    }
    return out;
  }

  private static void requireEval(Module model) {
    model
        .namedModules()
        .forEach(
            (path, m) -> {
              if (m.isTraining()) {
                throw new FusionException(
                    "Cannot fuse: "
                        + (path.isEmpty() ? "the model" : path)
                        + " is in training mode. Call eval() on the model first; to train on, use"
                        + " fuseQat.");
              }
            });
  }

  /** Runs of neighbours in plain Sequentials, whose order is known without running them. */
  private static List<List<String>> sequentialGroups(Module root) {
    List<List<String>> groups = new ArrayList<>();
    Map<Module, Integer> slots = slots(root);
    root.namedModules()
        .forEach(
            (path, m) -> {
              if (m.getClass() == Sequential.class && slots.getOrDefault(m, 1) == 1) {
                addGroups(path.isEmpty() ? "" : path + ".", m, slots, groups);
              }
            });
    return groups;
  }

  private static void addGroups(
      String prefix, Module sequential, Map<Module, Integer> slots, List<List<String>> groups) {
    List<String> names = new ArrayList<>(sequential.namedChildren().keySet());
    List<Module> modules = new ArrayList<>(sequential.namedChildren().values());
    for (int i = 0; i < names.size(); ) {
      int best = i + 1;
      for (int end = i + 2; end <= names.size(); end++) {
        List<Module> run = modules.subList(i, end);
        if (!FusionPatterns.begins(run) || run.stream().anyMatch(m -> slots.get(m) > 1)) {
          break;
        }
        best = FusionPatterns.matches(run) ? end : best;
      }
      if (best > i + 1) {
        groups.add(
            names.subList(i, best).stream().map(n -> prefix + n).collect(Collectors.toList()));
      }
      i = best;
    }
  }

  /** An identity set. */
  static <T> Set<T> identitySet() {
    return Collections.newSetFromMap(new IdentityHashMap<>());
  }
}
