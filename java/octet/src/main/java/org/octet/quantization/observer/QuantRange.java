package org.octet.quantization.observer;

import org.octet.tensor.DType;
import org.octet.tensor.QScheme;

/** The range of codes that observer options amount to. */
final class QuantRange {
  private QuantRange() {}

  /** {smallest, largest code}. */
  static int[] resolve(ObserverOptions o) {
    DType t = o.dtype();
    if (!t.isQuantized()) {
      throw new ObserverException(
          "An observer got the dtype "
              + t
              + "; expected a quantized dtype such as quint8 or qint8.");
    }
    if (!(o.eps() > 0)) {
      throw new ObserverException(
          "eps is " + o.eps() + "; expected a positive number, since it is the smallest scale.");
    }
    if (!(o.averagingConstant() > 0 && o.averagingConstant() <= 1)) {
      throw new ObserverException(
          "averaging_constant is " + o.averagingConstant() + "; expected a number in (0, 1].");
    }
    if (o.chAxis() < 0) {
      throw new ObserverException(
          "ch_axis is " + o.chAxis() + "; expected an axis counted from 0.");
    }
    if (o.qscheme() == QScheme.PER_TENSOR_SYMMETRIC && t == DType.QUINT8 && o.reduceRange()) {
      throw new ObserverException(
          "reduce_range cannot be combined with per_tensor_symmetric and quint8, whose zero point"
              + " 128 would be outside; use qint8, or an affine scheme.");
    }
    if ((o.quantMin() == null) != (o.quantMax() == null)) {
      throw new ObserverException(
          "Only one of quant_min ("
              + o.quantMin()
              + ") and quant_max ("
              + o.quantMax()
              + ") is given; give both.");
    }
    int min = t.quantMin();
    int max = t.quantMax();
    if (o.quantMin() != null) {
      min = o.quantMin();
      max = o.quantMax();
      if (min > 0 || max < 0 || min >= max || min < t.quantMin() || max > t.quantMax()) {
        throw new ObserverException(
            "The range of codes is "
                + min
                + " to "
                + max
                + "; expected a range inside that of "
                + t
                + " ("
                + t.quantMin()
                + " to "
                + t.quantMax()
                + ") with 0 in it.");
      }
    }
    return o.reduceRange()
        ? new int[] {Math.floorDiv(min, 2), Math.floorDiv(max, 2)}
        : new int[] {min, max};
  }
}
