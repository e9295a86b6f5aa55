package org.octet.runtime;

import org.octet.backend.Attributes;
import org.octet.backend.OpKind;

/**
 * Lets a convolution or linear layer of codes add the other term of a sum itself, where nobody else
 * reads its result. The operator rounds to the codes between both as the two did: bits stay the
 * same.
 */
final class ResidualPass {
  /** Slots of a convolution without depth, and with depth but without a stretch. */
  private static final int FLAT = 19;

  private static final int DEEP = 24;

  private static final int CONV_OUT_TYPE = 1;
  private static final int CONV_OUT_ZERO = 16;

  private ResidualPass() {}

  /** Clamps behind the sum and behind the product must be bounds by now. */
  static void run(StepList list) {
    int[] uses = list.uses();
    int[] writers = list.writers();
    Step[] steps = list.steps.toArray(new Step[0]);
    for (int i = 0; i < steps.length; i++) {
      Step add = steps[i];
      if (add.kind() != OpKind.ADD_Q8) {
        continue;
      }
      int side = -1;
      for (int k = 0; k < 2; k++) {
        int b = add.inputs()[k];
        boolean only = writers[b] >= 0 && uses[b] == 1;
        // Of two products the later one: the other's input need not live until then.
        if (only
            && fits(steps[writers[b]], add, k)
            && (side < 0 || writers[b] > writers[add.inputs()[side]])) {
          side = k;
        }
      }
      if (side >= 0) {
        int w = writers[add.inputs()[side]];
        steps[i] = fused(steps[w], add, side);
        steps[w] = null;
      }
    }
    list.replace(steps);
  }

  private static boolean fits(Step product, Step add, int side) {
    return product != null
        && product.kind() == OpKind.CONV_Q8
        && product.inputs().length == 1
        && product.attributes().get(CONV_OUT_TYPE) == add.attributes().get(0)
        && product.attributes().get(CONV_OUT_ZERO) == add.attributes().get(2 + 2 * side);
  }

  private static Step fused(Step product, Step add, int side) {
    Attributes conv = product.attributes();
    Attributes sum = add.attributes();
    Attributes.Builder a = Attributes.builder();
    for (int i = 0; i < conv.size(); i++) {
      a.ints(conv.get(i));
    }
    if (conv.size() == FLAT) {
      a.ints(1, 1, 0, 0, 1);
    }
    if (conv.size() <= DEEP) {
      a.ints(1, 1, 1);
    }
    int other = 3 - 2 * side;
    a.ints(side, sum.get(1 + 2 * side), sum.get(other), sum.get(other + 1));
    for (int i = 5; i < sum.size(); i++) {
      a.ints(sum.get(i));
    }
    int[] d = product.dims();
    return product
        .withAttributes(a.build())
        .withDims(d.length == 4 ? d : new int[] {d[0], 1, d[1], d[2]})
        .withInputs(product.inputs()[0], add.inputs()[1 - side])
        .fusedWith(add);
  }
}
