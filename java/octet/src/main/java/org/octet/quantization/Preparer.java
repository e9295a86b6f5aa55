package org.octet.quantization;

import java.util.Set;
import org.octet.nn.Module;
import org.octet.quantization.QuantizationReport.Outcome;
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
    Module copy = model.copy().eval();
    report.warnUnmatched(qconfigs, model);
    Layers.replace(
        copy,
        mappings,
        report,
        (path, layer) -> {
          visit(copy, path, layer);
          return layer;
        });
    if (report.entries(Outcome.OBSERVED).isEmpty()) {
      report.warn(
          "prepare found no layer to observe in "
              + model.getClass().getSimpleName()
              + "; does the QConfigMapping have a global entry, or one for these layers?");
    }
    copy.eval();
    return new Quantization.Result(copy, report);
  }

  private void visit(Module root, String path, Module layer) {
    ModuleMappings.Row row = mappings.row(layer);
    if (layer.namedChildren().get(Module.ACTIVATION_POST_PROCESS) != null) {
      throw new OctetException(
          "prepare got a model whose "
              + path
              + " already has an observer; prepare the float model.");
    }
    if (row == null) {
      report.add(path, layer, Outcome.FLOAT, Layers.noForm(layer));
    } else if (row.passThrough()) {
      report.add(path, layer, Outcome.PASS_THROUGH, "runs on quantized tensors as it is");
    } else if (!row.observed() && row.toDynamic() == null) {
      report.add(path, layer, Outcome.PASS_THROUGH, "needs no observer");
    } else {
      attach(root, path, layer, row);
    }
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
