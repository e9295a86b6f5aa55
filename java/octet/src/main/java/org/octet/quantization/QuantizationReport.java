package org.octet.quantization;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.octet.nn.Module;

/** What a workflow did with each layer of a model, or why it did nothing, and what looks wrong. */
public final class QuantizationReport {
  /** What happened to one layer. */
  public enum Outcome {
    /** It now has an observer. */
    OBSERVED,
    /** It became a quantized module. */
    QUANTIZED,
    /** It became a module with quantized weights that quantizes its input when it runs. */
    QUANTIZED_DYNAMIC,
    /** It stays as it is and runs on quantized tensors. */
    PASS_THROUGH,
    /** It stays float. */
    FLOAT
  }

  /**
   * One layer.
   *
   * @param path its place in the model
   * @param type the class that it had
   * @param detail what it became, or why nothing was done
   */
  public record Entry(String path, String type, Outcome outcome, String detail) {}

  private final List<Entry> entries = new ArrayList<>();
  private final List<String> warnings = new ArrayList<>();

  QuantizationReport() {}

  void add(String path, Object module, Outcome outcome, String detail) {
    entries.add(new Entry(path, module.getClass().getSimpleName(), outcome, detail));
  }

  void warn(String text) {
    warnings.add(text);
  }

  void warnUnmatched(QConfigMapping qconfigs, Module root) {
    qconfigs
        .unmatched(root)
        .forEach(
            what ->
                warn(
                    "The QConfigMapping has an entry for the "
                        + what
                        + ", which fits no module of the model."));
  }

  /** All layers, in the model's order; unmodifiable. */
  public List<Entry> entries() {
    return Collections.unmodifiableList(entries);
  }

  /** The layers with one outcome; unmodifiable. */
  public List<Entry> entries(Outcome outcome) {
    return List.of(entries.stream().filter(e -> e.outcome() == outcome).toArray(Entry[]::new));
  }

  /** The layer at a path, or null. */
  public Entry entry(String path) {
    return entries.stream().filter(e -> e.path().equals(path)).findFirst().orElse(null);
  }

  /** What looks wrong; unmodifiable. */
  public List<String> warnings() {
    return Collections.unmodifiableList(warnings);
  }

  /** A table, then the warnings. */
  @Override
  public String toString() {
    int path = 4;
    int type = 4;
    for (Entry e : entries) {
      path = Math.max(path, e.path().length());
      type = Math.max(type, e.type().length());
    }
    StringBuilder b = new StringBuilder();
    String format = "%-" + path + "s  %-" + type + "s  %-17s  %s%n";
    b.append(String.format(format, "path", "type", "outcome", "detail"));
    for (Entry e : entries) {
      b.append(String.format(format, e.path(), e.type(), e.outcome(), e.detail()));
    }
    warnings.forEach(w -> b.append("warning: ").append(w).append(System.lineSeparator()));
    return b.toString();
  }
}
