package org.octet.runtime;

import java.util.List;
import org.octet.backend.Attributes;
import org.octet.backend.OpKind;
import org.octet.tensor.Storage;

/**
 * Moves a clamp (relu, relu6, clamp; in 8 bit a table that only clamps) into the bounds that the
 * operator before it applies anyway. Bits stay the same: in float the operator had no bounds; codes
 * are whole numbers, so clamping them before or after rounding to within whole bounds is the same.
 */
final class ClampPass {
  private static final int UNARY_CLAMP = 0;

  private ClampPass() {}

  static void run(StepList list) {
    int[] uses = list.uses();
    int[] writers = list.writers();
    Step[] steps = list.steps.toArray(new Step[0]);
    for (int i = 0; i < steps.length; i++) {
      Step clamp = steps[i];
      int w = writers[clamp.inputs()[0]];
      if (w < 0 || steps[w] == null || clamp.inputs().length != 1 || uses[clamp.inputs()[0]] != 1) {
        continue;
      }
      Attributes bounded =
          clamp.kind() == OpKind.UNARY_F32
              ? floatBounds(steps[w], clamp.attributes())
              : clamp.kind() == OpKind.LUT_Q8 ? codeBounds(steps[w], clamp) : null;
      if (bounded != null) {
        steps[i] = steps[w].withAttributes(bounded).fusedWith(clamp);
        steps[w] = null;
      }
    }
    list.replace(steps);
  }

  /** Slot of the lower bound in float operators; the upper one follows. */
  private static int floatSlot(OpKind kind) {
    return switch (kind) {
      case CONV_F32 -> 13;
      case LINEAR_DYNAMIC_Q8, LINEAR_WEIGHT_ONLY -> 4;
      case BINARY_F32 -> 2;
      case AFFINE_F32 -> 1;
      default -> -1;
    };
  }

  private static Attributes floatBounds(Step step, Attributes clamp) {
    int slot = floatSlot(step.kind());
    if (slot < 0
        || clamp.get(0) != UNARY_CLAMP
        || step.attributes().getFloat(slot) != Float.NEGATIVE_INFINITY
        || step.attributes().getFloat(slot + 1) != Float.POSITIVE_INFINITY) {
      return null;
    }
    return Step.with(Step.with(step.attributes(), slot, clamp.get(1)), slot + 1, clamp.get(2));
  }

  /** Slot of qmin in 8-bit operators; qmax follows. */
  private static int codeSlot(OpKind kind) {
    return switch (kind) {
      case CONV_Q8 -> 17;
      case ADD_Q8 -> 7;
      case MUL_Q8 -> 5;
      case QUANTIZE -> 3;
      default -> -1;
    };
  }

  private static Attributes codeBounds(Step step, Step lut) {
    int slot = codeSlot(step.kind());
    if (slot < 0) {
      return null;
    }
    int type = step.attributes().getInt(step.kind() == OpKind.CONV_Q8 ? 1 : 0);
    int first = type == Attributes.S8 ? Byte.MIN_VALUE : 0;
    int[] table = table(lut, first);
    int lo = table[0];
    int hi = table[255];
    for (int i = 0; i < 256; i++) {
      if (table[i] != Math.min(Math.max(i + first, lo), hi)) {
        return null;
      }
    }
    int qmin = step.attributes().getInt(slot);
    int qmax = step.attributes().getInt(slot + 1);
    return Step.with(
        Step.with(step.attributes(), slot, table[qmin - first]), slot + 1, table[qmax - first]);
  }

  /** The table by code, from the smallest code of the type on. */
  private static int[] table(Step lut, int first) {
    List<Storage> constants = lut.constants().make();
    int[] t = new int[256];
    for (int i = 0; i < 256; i++) {
      byte b = constants.get(0).buffer().get((i + first) & 0xff);
      t[i] = first < 0 ? b : b & 0xff;
    }
    constants.forEach(Storage::release);
    return t;
  }
}
