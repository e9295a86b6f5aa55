package org.octet.quantization;

import java.util.Set;
import org.octet.nn.Module;
import org.octet.quantization.QuantizationReport.Outcome;
import org.octet.quantization.observer.NoopObserver;
import org.octet.quantization.observer.Observer;
import org.octet.tensor.OctetException;

/** Attaches observers to the layers of a copy. */
final class Preparer {
  private final QConfigMapping qconfigs;
  private final ModuleMappings mappings;
  private final QuantizationReport report = new QuantizationReport();
  private final Set<Observer> made = Fusion.identitySet();

  Preparer(QConfigMapping qconfigs, ModuleMappings mappings) {
    this.qconfigs = qconfigs;
    this.mappings = mappings;
  }

  Quantization.Result prepare(Module model) {
    Quantization.Result r = prepare("prepare", model, model.copy().eval(), this::visit);
    r.model().eval();
    return r;
  }

  /**
   * Prepares for training: layers with weights become those with fake-quantized weights, and fake
   * quantizers take the place of observers.
   */
  Quantization.Result prepareQat(Module model) {
    if (!model.isTraining()) {
      throw new OctetException(
          "prepareQat got a "
              + model.getClass().getSimpleName()
              + " in evaluation mode; expected one in training mode. Call train() on the model before"
              + " fuseQat and prepareQat; to quantize without training, use prepare.");
    }
    return prepare("prepareQat", model, model.copy(), this::visitQat);
  }

  /** Attaches to one layer; returns what takes its place. */
  private interface Visit {
    Module visit(Module model, String path, Module layer);
  }

  private Quantization.Result prepare(String name, Module model, Module copy, Visit visit) {
    report.warnUnmatched(qconfigs, model);
    // QConfigs are looked up in the model: in the copy a layer may have been replaced already.
    Module root =
        Layers.replace(
            copy, mappings, report, (path, layer) -> check(name, model, path, layer, visit));
    if (report.entries(Outcome.OBSERVED).isEmpty()) {
      report.warn(
          name
              + " found no layer to observe in "
              + model.getClass().getSimpleName()
              + "; does the QConfigMapping have a global entry, or one for these layers?");
    }
    return new Quantization.Result(root, report);
  }

  private static Module check(String name, Module model, String path, Module layer, Visit visit) {
    if (layer.namedChildren().get(Module.ACTIVATION_POST_PROCESS) != null) {
      throw new OctetException(
          name
              + " got a model whose "
              + path
              + " already has an observer; prepare the float model.");
    }
    return visit.visit(model, path, layer);
  }

  private Module visit(Module root, String path, Module layer) {
    ModuleMappings.Row row = mappings.row(layer);
    if (row == null || row.isQatOnly()) {
      report.add(path, layer, Outcome.FLOAT, Layers.noForm(layer));
    } else if (row.passThrough()) {
      report.add(path, layer, Outcome.PASS_THROUGH, "runs on quantized tensors as it is");
    } else if (row.weightOnly()) {
      attachWeightOnly(root, path, layer);
    } else if (!row.observed() && row.toDynamic() == null) {
      report.add(path, layer, Outcome.PASS_THROUGH, "needs no observer");
    } else {
      attach(root, path, layer, row);
    }
    return layer;
  }

  private Module visitQat(Module root, String path, Module layer) {
    ModuleMappings.Row row = mappings.row(layer);
    if (row == null) {
      report.add(path, layer, Outcome.FLOAT, Layers.noForm(layer));
      return layer;
    }
    boolean observed =
        row.observed() || row.toQat() != null || row.toDynamicQat() != null || row.fixed() != null;
    if (!observed) {
      report.add(
          path,
          layer,
          Outcome.PASS_THROUGH,
          row.passThrough() ? "runs on quantized tensors as it is" : "needs no observer");
      return layer;
    }
    QConfig qconfig = qconfigs.qconfigFor(root, path);
    if (qconfig == null) {
      report.add(path, layer, Outcome.FLOAT, "excluded by the QConfigMapping");
      return layer;
    }
    return attachQat(path, layer, row, qconfig);
  }

  private Module attachQat(String path, Module layer, ModuleMappings.Row row, QConfig qconfig) {
    if (row.weightOnly() && !qconfig.isForEmbeddings()) {
      report.add(path, layer, Outcome.FLOAT, Layers.noRows(layer, qconfig));
      return layer;
    }
    Observer activation = row.fixed() != null ? row.fixed().get() : fresh(path, qconfig);
    boolean dynamic = activation.isDynamic();
    if (dynamic && !(activation instanceof FakeQuantizeBase)) {
      throw new OctetException(
          "prepareQat got the dynamic QConfig of "
              + activation
              + " for "
              + path
              + "; expected one with fake quantizers, as QConfigMapping.qat makes, or"
              + " QConfigs.DEFAULT_DYNAMIC_QAT.");
    }
    ModuleMappings.QatFactory<Module> factory = dynamic ? row.toDynamicQat() : row.toQat();
    if (dynamic && factory == null) {
      report.add(
          path,
          layer,
          Outcome.FLOAT,
          layer.getClass().getSimpleName()
              + " has no form to be trained for dynamic quantization; its QConfig asks for one");
      return layer;
    }
    Module placed = layer;
    String weight = "";
    if (factory != null) {
      Observer q = qconfig.weight().get();
      boolean rounds = q instanceof FakeQuantizeBase || q instanceof NoopObserver;
      if (!rounds || !made.add(q)) {
        throw new OctetException(
            "The weight supplier of the QConfig for "
                + path
                + " returned "
                + q
                + "; expected a new fake quantizer every time. Use QConfigMapping.qat, or for example"
                + " FakeQuants.DEFAULT_WEIGHT_FAKE_QUANT.");
      }
      placed = factory.create(layer, q);
      weight = ", weight " + q;
    }
    if (!activation.dtype().isQuantized()) {
      report.add(
          path,
          layer,
          row.weightOnly() ? Outcome.OBSERVED : Outcome.FLOAT,
          "its QConfig leaves the activation float" + weight);
      return placed;
    }
    activation.setWeightObserver(qconfig.weight());
    placed.setChild(Module.ACTIVATION_POST_PROCESS, activation);
    report.add(path, layer, Outcome.OBSERVED, activation + weight);
    return placed;
  }

  private void attachWeightOnly(Module root, String path, Module layer) {
    QConfig qconfig = qconfigs.qconfigFor(root, path);
    if (qconfig == null || !qconfig.isForEmbeddings()) {
      report.add(path, layer, Outcome.FLOAT, Layers.noRows(layer, qconfig));
      return;
    }
    Observer observer = fresh(path, qconfig);
    observer.setWeightObserver(qconfig.weight());
    layer.setChild(Module.ACTIVATION_POST_PROCESS, observer);
    report.add(path, layer, Outcome.OBSERVED, "its table alone");
  }

  private void attach(Module root, String path, Module layer, ModuleMappings.Row row) {
    String type = layer.getClass().getSimpleName();
    QConfig qconfig = qconfigs.qconfigFor(root, path);
    if (qconfig == null) {
      report.add(path, layer, Outcome.FLOAT, "excluded by the QConfigMapping");
      return;
    }
    Observer observer = fresh(path, qconfig);
    if (observer.isDynamic() && row.toDynamic() == null) {
      report.add(
          path, layer, Outcome.FLOAT, type + " has no dynamic form; its QConfig asks for one");
    } else if (!observer.dtype().isQuantized()) {
      report.add(path, layer, Outcome.FLOAT, "its QConfig leaves the activation float");
    } else if (!observer.isDynamic() && !row.observed()) {
      report.add(
          path,
          layer,
          Outcome.FLOAT,
          type + " has only a dynamic form; its QConfig asks for a static one");
    } else {
      observer.setWeightObserver(qconfig.weight());
      layer.setChild(Module.ACTIVATION_POST_PROCESS, observer);
      report.add(path, layer, Outcome.OBSERVED, observer.toString());
    }
  }

  private Observer fresh(String path, QConfig qconfig) {
    Observer o = qconfig.activation().get();
    if (o == null || !made.add(o)) {
      throw new OctetException(
          "The activation supplier of the QConfig for "
              + path
              + " returned "
              + (o == null ? "null" : "the same observer twice")
              + "; it must make a new observer every time, for example MinMaxObserver.withArgs().");
    }
    return o;
  }
}
