package org.octet.golden;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Where Octet's numeric contract defines another last bit than the recorded build of PyTorch, by
 * NAME: the check then is exact up to what the reason says. Cases that needed it are counted in the
 * printed summary.
 */
final class Contract {
  static final String SCALE_IS_FLOAT32 = "scale is float32";
  static final String ZERO_POINT_AFTER_ROUNDING = "zero point after rounding";

  static final String HISTOGRAM_IS_CURRENT = "histogram observer is the current one";

  private static final Map<String, String> REASONS = new LinkedHashMap<>();

  static {
    REASONS.put(
        SCALE_IS_FLOAT32,
        "that build multiplies by a float64 scale when it dequantizes per channel; Octet (as FBGEMM) by its float32"
            + " value, so values may differ by the two roundings, and only where a scale is no float32 number");
    REASONS.put(
        ZERO_POINT_AFTER_ROUNDING,
        "average pools in contiguous memory add the zero point before rounding; Octet (as PyTorch's channels-last"
            + " kernel) after it, so codes may differ by one, and only where the mean is a tie");
    REASONS.put(
        HISTOGRAM_IS_CURRENT,
        "recorded with PyTorch 1.13's algorithm (upsample_rate 128), which cuts the range to integers; the settings are"
            + " compared, the parameters are those of group histogram_observer_v2");
  }

  private Contract() {}

  /** The reason behind a name. */
  static String reason(String name) {
    return name + ": " + REASONS.get(name);
  }
}
