package org.octet.quantization;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.octet.nn.Module;
import org.octet.nn.qat.QatModule;
import org.octet.nn.quantized.FloatFunctional;
import org.octet.quantization.QuantizationReport.Outcome;
import org.octet.quantization.observer.CalibrationException;
import org.octet.quantization.observer.Observer;
import org.octet.tensor.OctetException;

/** Replaces the observed layers of a copy by their quantized forms. */
final class Converter {
  private final ConvertOptions options;
  private final QuantizationReport report = new QuantizationReport();

  Converter(ConvertOptions options) {
    this.options = options;
  }

  Quantization.Result convert(Module prepared) {
    check(prepared);
    Module copy = prepared.copy().eval();
    Module root = Layers.replace(copy, options.mapping(), report, this::convertLayer);
    return new Quantization.Result(root, report);
  }

  private void check(Module prepared) {
    int observers = 0;
    List<String> blind = new ArrayList<>();
    for (Map.Entry<String, Module> e : prepared.namedModules().entrySet()) {
      boolean inside =
          !e.getKey().isEmpty()
              && prepared.module(QConfigMapping.parent(e.getKey())) instanceof Observer;
      // One inside a fake quantizer is that one's business.
      if (e.getValue() instanceof Observer o && !inside) {
        observers++;
        if (!o.isCalibrated() && !needsNone(prepared.module(QConfigMapping.parent(e.getKey())))) {
          blind.add(e.getKey());
        }
      }
    }
    if (observers == 0) {
      throw new OctetException(
          "convert got a "
              + prepared.getClass().getSimpleName()
              + " without observers; call Quantization.prepare first, run calibration data, then"
              + " convert.");
    }
    if (!blind.isEmpty() && !options.uncalibratedAllowed()) {
      throw new CalibrationException(
          "convert is refused: "
              + blind.size()
              + " of "
              + observers
              + " observers have seen no data: "
              + String.join(", ", blind)
              + ". Run calibration batches through the prepared model; where forward never calls a"
              + " module, exclude it in the QConfigMapping, or use"
              + " ConvertOptions.allowUncalibrated() for scale 1 and zero point 0.");
    }
  }

  private static boolean needsNone(Module layer) {
    return layer instanceof FloatFunctional f && f.ranUnobserved();
  }

  private Module convertLayer(String path, Module layer) {
    ModuleMappings.Row row = options.mapping().row(layer);
    Observer observer = (Observer) layer.namedChildren().get(Module.ACTIVATION_POST_PROCESS);
    layer.setChild(Module.ACTIVATION_POST_PROCESS, null);
    if (row == null || row.isQatOnly()) {
      report.add(path, layer, Outcome.FLOAT, Layers.noForm(layer));
      return layer;
    }
    if (row.passThrough()) {
      report.add(path, layer, Outcome.PASS_THROUGH, "runs on quantized tensors as it is");
      return layer;
    }
    boolean trainedTable = row.weightOnly() && layer instanceof QatModule;
    if ((row.observed() || row.weightOnly()) && observer == null && !trainedTable) {
      report.add(
          path,
          layer,
          Outcome.FLOAT,
          "prepare attached no observer: excluded by the QConfigMapping");
      return layer;
    }
    boolean dynamic = observer != null && observer.isDynamic();
    ModuleMappings.Factory<Module> factory = dynamic ? row.toDynamic() : row.toStatic();
    if (factory == null) {
      report.add(path, layer, Outcome.FLOAT, "the ModuleMappings of convert have no such form");
      return layer;
    }
    return replace(path, layer, factory, observer, dynamic);
  }

  private Module replace(
      String path,
      Module layer,
      ModuleMappings.Factory<Module> factory,
      Observer observer,
      boolean dynamic) {
    Conversion c = new Conversion(path, observer, weightObserver(layer, observer));
    Module made = create(factory, layer, c);
    String blind =
        observer == null || observer.isCalibrated()
            ? ""
            : needsNone(layer)
                ? "; only scalar operations ran, whose scale follows from the input"
                : "; never called during calibration, so scale 1 and zero point 0";
    report.add(path, layer, dynamic ? Outcome.QUANTIZED_DYNAMIC : Outcome.QUANTIZED, made + blind);
    if (c.isConstant()) {
      report.warn(
          path
              + " gave only zeros during calibration, so its scale is eps; calibrate with data as"
              + " the model will see.");
    }
    return made;
  }

  /** A new one of the QConfig, or that which the weight was trained with. */
  private static Supplier<? extends Observer> weightObserver(Module layer, Observer activation) {
    if (layer instanceof QatModule q && q.weightFakeQuant() instanceof Observer trained) {
      return () -> trained;
    }
    return activation == null ? null : activation.weightObserver();
  }

  /** The factory's module in evaluation mode; what it throws gets the layer's path. */
  static Module create(ModuleMappings.Factory<Module> factory, Module layer, Conversion c) {
    try {
      return factory.create(layer, c).eval();
    } catch (OctetException e) {
      e.prependModule(c.path());
      throw e;
    }
  }
}
