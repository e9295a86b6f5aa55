package org.octet.quantization;

import java.util.IdentityHashMap;
import java.util.Map;
import org.octet.nn.BatchNorm;
import org.octet.nn.Module;
import org.octet.quantization.observer.Observer;

/**
 * Walks a model layer by layer and lets each be replaced; what is shared is visited once and
 * replaced everywhere.
 */
final class Layers {
  /** What is done with one layer. */
  @FunctionalInterface
  interface Visitor {
    /** The module that takes the layer's place: itself if nothing changes. */
    Module visit(String path, Module layer);
  }

  private final ModuleMappings mappings;
  private final QuantizationReport report;
  private final Visitor visitor;
  private final Map<Module, Module> done = new IdentityHashMap<>();
  private final Map<Module, String> firstPath = new IdentityHashMap<>();

  private Layers(ModuleMappings mappings, QuantizationReport report, Visitor visitor) {
    this.mappings = mappings;
    this.report = report;
    this.visitor = visitor;
  }

  /** Visits all layers below and including {@code root}; returns what takes the root's place. */
  static Module replace(
      Module root, ModuleMappings mappings, QuantizationReport report, Visitor visitor) {
    return new Layers(mappings, report, visitor).walk("", root);
  }

  private Module walk(String path, Module m) {
    Module known = done.get(m);
    if (known != null) {
      if (isLayer(m) && mappings.row(m) != null && mappings.row(m).observed()) {
        report.warn(
            path
                + " is the same "
                + m.getClass().getSimpleName()
                + " as "
                + firstPath.get(m)
                + "; both places share one observer and so one scale. Give each a module of its own"
                + " for better accuracy.");
      }
      return known;
    }
    firstPath.put(m, path);
    if (isLayer(m)) {
      Module n = visitor.visit(path, m);
      done.put(m, n);
      return n;
    }
    done.put(m, m);
    for (String name : m.namedChildren().keySet().toArray(new String[0])) {
      Module child = m.namedChildren().get(name);
      Module n = walk(path.isEmpty() ? name : path + "." + name, child);
      if (n != child) {
        m.setChild(name, n);
      }
    }
    return m;
  }

  /** A module with a row, a fused one, or one without children but observers. */
  private boolean isLayer(Module m) {
    return mappings.row(m) != null
        || Fusion.isFused(m)
        || m.namedChildren().values().stream().allMatch(c -> c instanceof Observer);
  }

  /** Why a table of embeddings stays float. */
  static String noRows(Module m, QConfig qconfig) {
    return qconfig == null
        ? "excluded by the QConfigMapping"
        : m.getClass().getSimpleName()
            + " needs a weight observer for rows with float zero points; give it"
            + " QConfigs.FLOAT_QPARAMS_WEIGHT_ONLY, or DEFAULT_EMBEDDING_QAT for training";
  }

  /** Why a layer without a row stays float. */
  static String noForm(Module m) {
    String name = m.getClass().getSimpleName();
    if (Fusion.isFused(m)) {
      return name
          + " has no quantized form; train it with prepareQat, or fuse the model in evaluation mode"
          + " (Fusion.fuse), which folds batch normalisation into the weights";
    }
    if (m instanceof BatchNorm) {
      return name + " has no quantized form; fuse it with the layer before it (Fusion.fuse)";
    }
    return name
        + " has no quantized form; give it one (ModuleMappings.withStatic), say that it takes"
        + " quantized tensors (withPassThrough), or put it between a DeQuantStub and a QuantStub";
  }
}
