package org.octet.quantization.observer;

import java.util.Arrays;
import org.octet.backend.Backends;
import org.octet.ops.ExecutionContext;
import org.octet.ops.HistogramOp;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.QuantizedTensor;
import org.octet.tensor.Tensor;

/**
 * The arithmetic of {@link HistogramObserver}. Which numbers are float32 and which are double
 * follows PyTorch, where tensors are float32 and Python's scalars are double.
 */
final class Histograms {
  /** Share of the counts that the search moves a bound by. */
  private static final double STEP = 1e-5;

  private Histograms() {}

  /**
   * Counts of x in equal bins of lo .. hi; a range of one value is widened by 1 on both sides, as
   * torch.histc does.
   */
  static float[] count(FloatTensor x, int bins, float lo, float hi) {
    float[] bounds = lo == hi ? new float[] {lo - 1, hi + 1} : new float[] {lo, hi};
    float[] out = new float[bins];
    try (FloatTensor range = FloatTensor.of(bounds, 2);
        Tensor t =
            new HistogramOp(bins)
                .execute(new ExecutionContext(Backends.current(), null), x, range)[0]) {
      int[] counts = ((QuantizedTensor) t).intRepr();
      for (int i = 0; i < bins; i++) {
        out[i] = counts[i];
      }
    }
    return out;
  }

  /** The finite values of x, as a vector. */
  static FloatTensor finite(FloatTensor x) {
    float[] values = x.toArray();
    int n = 0;
    for (float v : values) {
      if (!Float.isInfinite(v)) {
        values[n++] = v;
      }
    }
    return FloatTensor.of(Arrays.copyOf(values, n), n);
  }

  /** Counts of oldMin .. oldMax as counts of newMin .. newMax, which contains it. */
  static float[] rebin(
      float[] old, float oldMin, float oldMax, float newMin, float newMax, int upsampleRate) {
    int bins = old.length;
    float[] out = new float[bins];
    if (oldMin == oldMax) {
      float total = 0;
      for (float v : old) {
        total += v;
      }
      int bin = (int) ((oldMin - newMin) / (newMax - newMin) * bins);
      out[Math.min(bin, bins - 1)] = total;
      return out;
    }
    float[] bounds = linspace(newMin, newMax, bins + 1);
    int parts = bins * upsampleRate;
    float[] begins = linspace(oldMin, oldMax, parts + 1);
    float half = 0.5f * ((oldMax - oldMin) / parts);
    for (int i = 0; i < parts; i++) {
      int bin = upperBound(bounds, begins[i] + half) - 1;
      out[Math.min(Math.max(bin, 0), bins - 1)] += old[i / upsampleRate] / upsampleRate;
    }
    return out;
  }

  /** n equally spaced numbers; the second half is counted from the end, as torch.linspace does. */
  private static float[] linspace(float start, float end, int n) {
    float step = (end - start) / (n - 1);
    float[] out = new float[n];
    for (int i = 0; i < n; i++) {
      out[i] = i < n / 2 ? start + step * i : end - step * (n - 1 - i);
    }
    return out;
  }

  /** Index of the first bound above {@code v}. */
  private static int upperBound(float[] bounds, float v) {
    int lo = 0;
    int hi = bounds.length;
    while (lo < hi) {
      int mid = (lo + hi) >>> 1;
      if (bounds[mid] > v) {
        hi = mid;
      } else {
        lo = mid + 1;
      }
    }
    return lo;
  }

  /**
   * The range {min, max} to quantize: from both ends the one that jumps over more bins for the next
   * {@link #STEP} of the counts is moved in, as long as the error of quantizing to {@code levels}
   * codes does not grow.
   */
  static float[] search(float[] hist, float min, float max, long levels) {
    int bins = hist.length;
    float[] cumulated = new float[bins];
    double sum = 0;
    for (int i = 0; i < bins; i++) {
      sum += hist[i];
      cumulated[i] = (float) sum;
    }
    double total = (float) sum;
    double alpha = 0;
    double beta = 1;
    int start = 0;
    int end = bins - 1;
    float best = Float.POSITIVE_INFINITY;
    while (alpha < beta) {
      double nextAlpha = alpha + STEP;
      double nextBeta = beta - STEP;
      float below = (float) (nextAlpha * total);
      float above = (float) (nextBeta * total);
      int l = start;
      while (l < end && cumulated[l] < below) {
        l++;
      }
      int r = end;
      while (r > start && cumulated[r] > above) {
        r--;
      }
      int nextStart = start;
      int nextEnd = end;
      if (l - start > end - r) {
        nextStart = l;
        alpha = nextAlpha;
      } else {
        nextEnd = r;
        beta = nextBeta;
      }
      if (nextStart == start && nextEnd == end) {
        continue;
      }
      float error = error(hist, ((double) max - min) / bins, nextStart, nextEnd, levels);
      if (error > best) {
        break;
      }
      best = error;
      start = nextStart;
      end = nextEnd;
    }
    float width = (max - min) / bins;
    return new float[] {min + width * start, min + width * (end + 1)};
  }

  /**
   * Squared error when the bins {@code start} to {@code end} are quantized to {@code levels} codes
   * and the others go to the nearest of these; inside a bin of the histogram values count as evenly
   * spread.
   */
  private static float error(float[] hist, double binWidth, int start, int end, long levels) {
    double codeWidth = binWidth * (end - start + 1) / levels;
    if (codeWidth == 0) {
      return 0;
    }
    float w = (float) binWidth;
    float c = (float) codeWidth;
    float half = (float) (codeWidth / 2);
    float wholeCode = cubes(-half, half);
    // The terms are float32 as in PyTorch; their sum is exact enough in double to need no
    // particular order.
    double sum = 0;
    for (int i = 0; i < hist.length; i++) {
      float begin = (i - start) * w;
      float stop = begin + w;
      float first = code(begin, c, levels);
      float last = code(stop, c, levels);
      float density = hist[i] / w;
      float e = density * cubes(begin - (first + 0.5f) * c, half);
      e += (last - first - 1) * (density * wholeCode);
      e += density * cubes(-half, stop - (last * c + half));
      sum += e;
    }
    return (float) sum;
  }

  /** The code that a distance from the range's begin falls to. */
  private static float code(float distance, float codeWidth, long levels) {
    double code = Math.floor((double) distance / codeWidth);
    return (float) Math.min(Math.max(code, 0), levels - 1);
  }

  /** Integral of x^2 from a to b. */
  private static float cubes(float a, float b) {
    return (b * b * b - a * a * a) / 3;
  }
}
