package org.octet.quantization;

import org.octet.nn.Module;
import org.octet.quantization.QuantizationReport.Outcome;
import org.octet.quantization.observer.Observer;
import org.octet.tensor.OctetException;

/** Replaces layers of a copy by their dynamic forms. */
final class DynamicQuantizer {
  private final QConfigMapping qconfigs;
  private final ModuleMappings mappings;
  private final QuantizationReport report = new QuantizationReport();

  DynamicQuantizer(QConfigMapping qconfigs, ModuleMappings mappings) {
    this.qconfigs = qconfigs;
    this.mappings = mappings;
  }

  Quantization.Result quantize(Module model) {
    Module copy = model.copy().eval();
    report.warnUnmatched(qconfigs, model);
    // Looked up in the model: in the copy, what is around a layer may have been replaced already.
    Module root =
        Layers.replace(copy, mappings, report, (path, layer) -> visit(model, path, layer));
    if (report.entries(Outcome.QUANTIZED_DYNAMIC).isEmpty()) {
      report.warn(
          "quantizeDynamic found no layer to quantize in "
              + model.getClass().getSimpleName()
              + ".");
    }
    return new Quantization.Result(root, report);
  }

  private Module visit(Module model, String path, Module layer) {
    ModuleMappings.Row row = mappings.row(layer);
    String type = layer.getClass().getSimpleName();
    if (row == null || row.toDynamic() == null) {
      report.add(
          path,
          layer,
          Outcome.FLOAT,
          row != null && row.observed()
              ? type + " has no dynamic form; quantize it statically"
              : "runs in float");
      return layer;
    }
    QConfig qconfig = qconfigs.qconfigFor(model, path);
    if (qconfig == null) {
      report.add(path, layer, Outcome.FLOAT, "excluded by the QConfigMapping");
      return layer;
    }
    if (row.weightOnly() && !qconfig.isForEmbeddings()) {
      report.add(path, layer, Outcome.FLOAT, Layers.noRows(layer, qconfig));
      return layer;
    }
    Observer activation = qconfig.activation().get();
    if (!row.weightOnly() && !activation.isDynamic()) {
      throw new OctetException(
          "quantizeDynamic got the QConfig of "
              + activation
              + " for "
              + path
              + "; expected a dynamic one such as QConfigs.DEFAULT_DYNAMIC. For static quantization"
              + " use prepare and convert.");
    }
    Module made =
        Converter.create(
            row.toDynamic(), layer, new Conversion(path, activation, qconfig.weight()));
    report.add(path, layer, Outcome.QUANTIZED_DYNAMIC, made.toString());
    return made;
  }
}
