package org.octet.golden;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;

/** A case's own tolerance; fields that it does not have mean exact. */
record Tolerance(
    int quanta, double fractionOff, double abs, double rel, int zeroPoint, int finalQuanta) {
  static final Tolerance EXACT = new Tolerance(0, 1, 0, 0, 0, 0);

  static Tolerance of(JsonElement e) {
    if (e == null || e.isJsonNull()) {
      return EXACT;
    }
    JsonObject t = e.getAsJsonObject();
    return new Tolerance(
        (int) get(t, "quanta", 0),
        get(t, "max_fraction_off", 1),
        get(t, "abs", 0),
        get(t, "rel", 0),
        (int) get(t, "zero_point", 0),
        (int) get(t, "final_abs_quanta", 0));
  }

  private static double get(JsonObject t, String name, double absent) {
    return t.has(name) ? t.get(name).getAsDouble() : absent;
  }

  /** How many of {@code n} codes may differ at all: the share, but always one. */
  long mayDiffer(long n) {
    return quanta == 0 ? 0 : Math.max(1, (long) Math.floor(fractionOff * n));
  }
}
