package org.octet.runtime;

import org.octet.backend.Attributes;
import org.octet.backend.OpKind;

/**
 * Lets quantize and dequantize change the memory order on their way, where a transpose stands
 * before or behind them: the values are touched once instead of twice.
 */
final class LayoutPass {
  private static final int QUANTIZE_TO_CHANNELS_LAST = 7;
  private static final int DEQUANTIZE_TO_CHANNELS_FIRST = 3;

  private LayoutPass() {}

  static void run(StepList list) {
    int[] uses = list.uses();
    int[] writers = list.writers();
    Step[] steps = list.steps.toArray(new Step[0]);
    for (int i = 0; i < steps.length; i++) {
      Step second = steps[i];
      int w = writers[second.inputs()[0]];
      if (w < 0
          || steps[w] == null
          || second.inputs().length != 1
          || uses[second.inputs()[0]] != 1) {
        continue;
      }
      Step merged = merge(steps[w], second);
      if (merged != null) {
        steps[w] = null;
        steps[i] = merged;
      }
    }
    list.replace(steps);
  }

  /** One step for {@code second(first(x))}, or null. */
  private static Step merge(Step first, Step second) {
    Step transpose = first.kind() == OpKind.TRANSPOSE ? first : second;
    Step converter = transpose == first ? second : first;
    int slot;
    if (converter.kind() == OpKind.QUANTIZE) {
      slot = QUANTIZE_TO_CHANNELS_LAST;
    } else if (converter.kind() == OpKind.DEQUANTIZE) {
      slot = DEQUANTIZE_TO_CHANNELS_FIRST;
    } else {
      return null;
    }
    if (transpose.kind() != OpKind.TRANSPOSE || converter.attributes().get(slot) != 0) {
      return null;
    }
    // A transpose of single elements, floats or codes: it may also move whole vectors.
    boolean floats = (converter.kind() == OpKind.QUANTIZE) == (first == transpose);
    if (transpose.attributes().get(0) != (floats ? 4 : 1)) {
      return null;
    }
    // Quantize reads [N][C][S] and writes [N][S][C], dequantize the other way round; the transpose
    // [N][R][S] -> [N][S][R].
    int[] t = transpose.dims();
    int[] dims = slot == QUANTIZE_TO_CHANNELS_LAST ? t.clone() : new int[] {t[0], t[2], t[1]};
    Attributes a = Step.with(converter.attributes(), slot, 1);
    return new Step(
        converter.name(),
        converter.module(),
        converter.kind(),
        a,
        converter.constants(),
        converter.owner(),
        second.shape(),
        dims,
        first.inputs(),
        second.output());
  }
}
