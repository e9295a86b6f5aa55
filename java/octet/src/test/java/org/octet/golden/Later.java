package org.octet.golden;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeSet;

/**
 * What Octet does not have yet, by NAME: the one table of reasons to skip a golden case. Names are
 * ops, dtypes, schemes, observer classes and presets as PyTorch calls them; never case ids.
 * Removing a row makes its cases run.
 */
final class Later {
  private static final Map<String, String> OPS = new LinkedHashMap<>();
  private static final Map<String, String> OPS_OF_TYPES = new LinkedHashMap<>();
  private static final Map<String, String> TYPES = new LinkedHashMap<>();
  private static final Map<String, String> PRESETS = new LinkedHashMap<>();

  static {
    row(OPS, "pools of 3-D images", "avg_pool3d");
    row(OPS, "resize", "interpolate_nearest", "interpolate_bilinear");
    row(OPS, "padding as an op of its own", "reflection_pad2d", "constant_pad2d");
    row(OPS, "reductions on quantized tensors", "mean");
    row(OPS, "PReLU", "prelu");
    row(OPS, "the numeric suite", "numeric_suite");
    row(
        OPS_OF_TYPES,
        "arithmetic on 32-bit codes",
        "add qint32",
        "add_relu qint32",
        "mul qint32",
        "mul_relu qint32");
    // Octet's histogram observer is the current one; the old one has 128 for its upsample_rate.
    row(PRESETS, "the observer of PyTorch 1.13, with its integer truncation", "histogram_v1");
  }

  private Later() {}

  private static void row(Map<String, String> table, String reason, String... names) {
    for (String name : names) {
      table.put(name, reason);
    }
  }

  /** Why this case is not run, or null. */
  static String reason(GoldenCase c) {
    String reason = lookup(OPS, c.op());
    for (String name : new String[] {"dtype", "qscheme", "class"}) {
      reason = reason != null ? reason : lookup(TYPES, c.paramString(name, ""));
    }
    TreeSet<String> dtypes = new TreeSet<>();
    dtypes(c.inputs(), dtypes);
    for (String dtype : dtypes) {
      reason = reason != null ? reason : lookup(TYPES, dtype);
      reason = reason != null ? reason : lookup(OPS_OF_TYPES, c.op() + " " + dtype);
    }
    for (String preset : PRESETS.keySet()) {
      boolean named =
          c.paramString("qconfig", "").endsWith(preset)
              || c.paramString("kind", "").equals(preset)
              || preset.equals("histogram_v1") && c.paramInt("upsample_rate", 0) == 128;
      reason = reason == null && named ? preset + ": " + PRESETS.get(preset) : reason;
    }
    return reason;
  }

  private static String lookup(Map<String, String> table, String name) {
    String reason = table.get(name);
    return reason == null ? null : name + ": " + reason;
  }

  private static void dtypes(JsonElement e, TreeSet<String> out) {
    if (e.isJsonArray()) {
      e.getAsJsonArray().forEach(x -> dtypes(x, out));
    } else if (e.isJsonObject()) {
      JsonObject o = e.getAsJsonObject();
      if (GoldenCase.isTensor(o)) {
        out.add(o.get("dtype").getAsString());
        if (o.has("qscheme")) {
          out.add(o.get("qscheme").getAsString());
        }
      } else {
        o.entrySet().forEach(x -> dtypes(x.getValue(), out));
      }
    }
  }
}
