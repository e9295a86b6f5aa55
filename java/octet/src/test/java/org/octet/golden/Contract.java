package org.octet.golden;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Where Octet's numeric contract defines another last bit than the recorded build of PyTorch, by NAME: the check then is
 * exact up to what the reason says. Cases that needed it are counted in the printed summary.
 */
final class Contract {
  static final String SCALE_IS_FLOAT32 = "scale is float32";
  static final String ZERO_POINT_AFTER_ROUNDING = "zero point after rounding";

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
  }

  private Contract() {}

  /** The reason behind a name. */
  static String reason(String name) {
    return name + ": " + REASONS.get(name);
  }
}
