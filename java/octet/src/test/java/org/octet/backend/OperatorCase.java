package org.octet.backend;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.octet.tensor.Storage;

/** One operator with constants, dims and inputs; made at random for every kind. */
record OperatorCase(
    OpKind kind,
    Attributes attributes,
    byte[][] constants,
    int[] dims,
    byte[][] inputs,
    boolean floats,
    String text) {
  /** Makes a case of a kind; a kind without a generator fails here. */
  static OperatorCase random(OpKind kind, Fill fill, long seed) {
    Random random = new Random(seed * 31 + kind.number());
    for (int i = 0; i < 8; i++) {
      random.nextInt(); // neighbouring seeds start alike
    }
    return new Maker(random, fill).make(kind, fill + " seed " + seed);
  }

  OperatorSpec spec(List<Storage> owned) {
    List<Storage> list = new ArrayList<>();
    for (byte[] c : constants) {
      Storage s = c == null ? null : Buffers.raw(c);
      list.add(s);
      if (s != null) {
        owned.add(s);
      }
    }
    return new OperatorSpec(kind, attributes, list);
  }

  /**
   * Codes may stand at any byte, since views may begin anywhere; floats and integers at multiples
   * of their size.
   */
  int inputAlignment() {
    return switch (kind) {
      case CONV_Q8, DEQUANTIZE, ADD_Q8, MUL_Q8, LUT_Q8, AFFINE_Q8, MATMUL_Q8 -> 1;
      case MAXPOOL, AVGPOOL, ADAPTIVE_AVGPOOL, CONCAT, SOFTMAX, GROUP_NORM -> floats ? 4 : 1;
      case TRANSPOSE -> attributes.getInt(0) == 4 ? 4 : 1;
      default -> 4;
    };
  }

  int outputAlignment() {
    return switch (kind) {
      case TRANSPOSE -> attributes.getInt(0) == 4 ? 4 : 1;
      case HISTOGRAM_F32 -> 4;
      default -> floats ? 4 : 1;
    };
  }

  @Override
  public String toString() {
    StringBuilder s =
        new StringBuilder(kind + " " + text + ", dims " + Arrays.toString(dims) + ", attributes");
    for (int i = 0; i < attributes.size(); i++) {
      s.append(' ').append(attributes.get(i));
    }
    return s.toString();
  }

  /** The generators. */
  static final class Maker {
    private static final float INF = Float.POSITIVE_INFINITY;
    final Random r;
    final Fill fill;
    final Attributes.Builder a = Attributes.builder();

    Maker(Random r, Fill fill) {
      this.r = r;
      this.fill = fill;
    }

    OperatorCase make(OpKind kind, String text) {
      return switch (kind) {
        case CONV_Q8 -> ResidualCases.make(this, text);
        case CONV_F32 -> convF32(text);
        case CONV_WEIGHT_GRAD -> convWeightGrad(text);
        case LINEAR_DYNAMIC_Q8 -> linearDynamic(text);
        case LINEAR_WEIGHT_ONLY -> new RowCases(this).make(kind, text);
        case QUANTIZE -> quantize(text);
        case DEQUANTIZE -> dequantize(text);
        case ADD_Q8 -> addQ8(text);
        case MUL_Q8 -> mulQ8(text);
        case LUT_Q8 -> lut(text);
        case MAXPOOL -> maxPool(text);
        case AVGPOOL -> avgPool(text);
        case ADAPTIVE_AVGPOOL -> adaptive(text);
        case CONCAT -> concat(text);
        case UNARY_F32 -> unary(text);
        case BINARY_F32 -> binary(text);
        case AFFINE_F32 -> affine(text);
        case TRANSPOSE -> transpose(text);
        case MINMAX_F32 -> minMax(text);
        case HISTOGRAM_F32 -> histogram(text);
        case FAKE_QUANTIZE, FAKE_QUANTIZE_GRAD -> fakeQuantize(kind, text);
        case SOFTMAX, GROUP_NORM, AFFINE_Q8, MATMUL_F32, MATMUL_Q8 ->
            new RowCases(this).make(kind, text);
      };
    }

    OperatorCase done(
        OpKind kind, byte[][] constants, int[] dims, boolean floats, String text, byte[]... in) {
      return new OperatorCase(kind, a.build(), constants, dims, in, floats, text);
    }

    int upTo(int n) {
      return 1 + r.nextInt(n);
    }

    /** Often small, sometimes beyond a kernel's tile. */
    int size() {
      return switch (r.nextInt(6)) {
        case 0 -> upTo(300);
        case 1, 2 -> upTo(70);
        default -> upTo(17);
      };
    }

    private int count() {
      return switch (r.nextInt(8)) {
        case 0 -> 0;
        case 1 -> upTo(9000);
        default -> size();
      };
    }

    int type() {
      return r.nextBoolean() ? Attributes.U8 : Attributes.S8;
    }

    private int min(int type) {
      return type == Attributes.U8 ? 0 : -128;
    }

    int zero(int type) {
      return min(type) + r.nextInt(256);
    }

    private byte[] codes(int type, int n) {
      return fill.codes(r, n, min(type), min(type) + 255);
    }

    float scale() {
      return (float) Math.scalb(0.5 + r.nextDouble(), -r.nextInt(14));
    }

    /** Zero point, qmin, qmax: the whole range, or bounds as an activation sets them. */
    void codeRange(int type) {
      int zero = zero(type);
      int lo = r.nextInt(3) == 0 ? zero : min(type);
      int hi =
          r.nextInt(4) == 0 ? Math.max(lo, lo + r.nextInt(min(type) + 256 - lo)) : min(type) + 255;
      a.ints(zero, lo, hi);
    }

    void floatRange() {
      switch (r.nextInt(3)) {
        case 0 -> a.floats(0f, INF);
        case 1 -> a.floats(0f, 6f);
        default -> a.floats(-INF, INF);
      }
    }

    byte[] floatConstants(int n, float size) {
      float[] f = new float[n];
      for (int i = 0; i < n; i++) {
        f[i] = (float) r.nextGaussian() * size;
      }
      return bytes(f);
    }

    private static byte[] bytes(float... f) {
      ByteBuffer b = ByteBuffer.allocate(4 * f.length).order(ByteOrder.LITTLE_ENDIAN);
      b.asFloatBuffer().put(f);
      return b.array();
    }

    private byte[] ints(int n, int bound) {
      ByteBuffer b = ByteBuffer.allocate(4 * n).order(ByteOrder.LITTLE_ENDIAN);
      for (int i = 0; i < n; i++) {
        b.putInt(bound == 0 ? r.nextInt() : r.nextInt(2 * bound) - bound);
      }
      return b.array();
    }

    private byte[] weightZeros(int n) {
      return r.nextInt(3) == 0 ? ints(n, 128) : null;
    }

    /** Slots of depth and stretch are to be appended last. */
    private record Conv(int cin, int cout, int taps, int[] dims, long[] depth, long[] up) {
      int weights() {
        return cout * taps;
      }

      int inputs() {
        return Arrays.stream(dims).reduce(cin, (x, y) -> x * y);
      }
    }

    /** Appends Cin Cout KH ... groups. */
    private Conv convolution() {
      int kind = r.nextInt(6);
      int groups = kind == 0 ? size() : kind == 1 ? upTo(4) : 1; // depthwise, grouped, dense
      int cin = groups * (kind == 0 ? 1 : kind == 1 ? upTo(20) : size());
      int cout = groups * (kind == 0 ? r.nextInt(4) == 0 ? 2 : 1 : kind == 1 ? upTo(20) : size());
      boolean linear = kind == 5;
      int kh = linear ? 1 : upTo(r.nextInt(5) == 0 ? 7 : 3);
      int kw = linear ? 1 : r.nextBoolean() ? kh : upTo(4);
      int dh = linear ? 1 : r.nextInt(4) == 0 ? 2 : 1;
      int dw = linear ? 1 : r.nextInt(4) == 0 ? upTo(3) : 1;
      boolean deep = !linear && r.nextInt(4) == 0;
      int kd = deep ? upTo(3) : 1;
      int dd = deep ? upTo(2) : 1;
      int d = deep ? dd * (kd - 1) + upTo(4) : 1;
      int budget = Math.max(1, 300_000 / Math.max(1, cin / groups * cout * kd * kh * kw * d));
      int side = (int) Math.min(18, Math.max(1, Math.sqrt(budget)));
      int h = linear ? 1 : dh * (kh - 1) + upTo(side);
      int w = linear ? 1 : dw * (kw - 1) + upTo(side);
      int n = linear ? upTo(Math.min(60, budget + 1)) : r.nextInt(30) == 0 ? 0 : upTo(2);
      boolean stretched = deep && r.nextInt(3) == 0;
      boolean steps = !linear && !stretched;
      a.ints(cin, cout, kh, kw, steps ? upTo(3) : 1, steps ? upTo(3) : 1);
      for (int i = 0; i < 4; i++) {
        a.ints(linear ? 0 : r.nextInt(1 + Math.max(kh, kw) / 2 + (r.nextInt(8) == 0 ? 1 : 0)));
      }
      a.ints(dh, dw, groups);
      long[] depth = {kd, steps ? upTo(2) : 1, r.nextInt(1 + kd / 2), r.nextInt(1 + kd / 2), dd};
      long[] up = stretched ? new long[] {upTo(2), upTo(3), upTo(3)} : new long[0];
      int[] dims = deep ? new int[] {n, d, h, w} : new int[] {n, h, w};
      return new Conv(cin, cout, cin / groups * kd * kh * kw, dims, deep ? depth : up, up);
    }

    OperatorCase convQ8(String text) {
      int in = type();
      int out = type();
      a.ints(in, out);
      Conv c = convolution();
      a.ints(zero(in));
      codeRange(out);
      a.ints(c.depth).ints(c.up);
      float[] m = new float[c.cout];
      for (int i = 0; i < m.length; i++) {
        m[i] = scale() * (r.nextInt(10) == 0 ? 1000f : 0.05f);
      }
      byte[] w = fill.codes(r, c.weights(), -128, 127);
      byte[] bias = r.nextInt(4) == 0 ? null : ints(c.cout, fill == Fill.RANDOM ? 30000 : 0);
      byte[][] constants = {w, bytes(m), weightZeros(c.cout), bias};
      return done(OpKind.CONV_Q8, constants, c.dims, false, text, codes(in, c.inputs()));
    }

    private OperatorCase convF32(String text) {
      Conv c = convolution();
      floatRange();
      a.ints(c.depth).ints(c.up);
      byte[][] constants = {
        floatConstants(c.weights(), 0.3f), r.nextBoolean() ? null : floatConstants(c.cout, 1f)
      };
      return done(OpKind.CONV_F32, constants, c.dims, true, text, fill.floats(r, c.inputs()));
    }

    private OperatorCase convWeightGrad(String text) {
      int[] d = convolution().dims;
      int[] dims = {d[0] + r.nextInt(3), d[d.length - 2], d[d.length - 1]};
      long[] n = Footprint.of(OpKind.CONV_WEIGHT_GRAD, a.build(), dims).inputs();
      byte[] x = fill.floats(r, (int) n[0] / 4);
      byte[] g = fill.floats(r, (int) n[1] / 4);
      return done(OpKind.CONV_WEIGHT_GRAD, new byte[0][], dims, true, text, x, g);
    }

    private OperatorCase linearDynamic(String text) {
      int k = size();
      int n = size();
      int m = r.nextInt(20) == 0 ? 0 : r.nextInt(3) == 0 ? 1 : upTo(20);
      a.ints(k, n, r.nextInt(2), r.nextInt(2));
      floatRange();
      float[] scales = new float[n];
      for (int i = 0; i < n; i++) {
        scales[i] = scale();
      }
      byte[][] constants = {
        fill.codes(r, n * k, -128, 127),
        bytes(scales),
        weightZeros(n),
        r.nextBoolean() ? null : floatConstants(n, 1f)
      };
      return done(
          OpKind.LINEAR_DYNAMIC_Q8, constants, new int[] {m}, true, text, fill.floats(r, m * k));
    }

    private OperatorCase quantize(String text) {
      int type = type();
      float scale = scale();
      a.ints(type).floats(1f / scale);
      codeRange(type);
      a.ints(r.nextInt(2)).floats(scale).ints(r.nextInt(2));
      int[] d = ncs();
      return done(
          OpKind.QUANTIZE, new byte[0][], d, false, text, fill.floats(r, d[0] * d[1] * d[2]));
    }

    private int[] ncs() {
      return new int[] {r.nextInt(12) == 0 ? 0 : upTo(3), size(), size()};
    }

    private OperatorCase dequantize(String text) {
      int type = type();
      a.ints(type).floats(scale()).ints(zero(type), r.nextInt(2));
      int[] d = ncs();
      return done(OpKind.DEQUANTIZE, new byte[0][], d, true, text, codes(type, d[0] * d[1] * d[2]));
    }

    private OperatorCase addQ8(String text) {
      int type = type();
      a.ints(type)
          .floats(scale())
          .ints(zero(type))
          .floats(scale())
          .ints(zero(type))
          .floats(1f / scale());
      codeRange(type);
      int n = count();
      return done(
          OpKind.ADD_Q8, new byte[0][], new int[] {n}, false, text, codes(type, n), codes(type, n));
    }

    private OperatorCase mulQ8(String text) {
      int type = type();
      a.ints(type, zero(type), zero(type)).floats(scale() * (r.nextInt(4) == 0 ? 10f : 0.01f));
      codeRange(type);
      int n = count();
      return done(
          OpKind.MUL_Q8, new byte[0][], new int[] {n}, false, text, codes(type, n), codes(type, n));
    }

    private OperatorCase lut(String text) {
      byte[] table = new byte[256];
      r.nextBytes(table);
      int n = count();
      return done(
          OpKind.LUT_Q8, new byte[][] {table}, new int[] {n}, false, text, codes(Attributes.U8, n));
    }

    int poolType() {
      return r.nextInt(3); // U8, S8, F32
    }

    byte[] values(int type, int n) {
      return type == Attributes.F32 ? fill.floats(r, n) : codes(type, n);
    }

    /** As modules allow it; now and then so much that windows have no tap at all. */
    private int padding(int kernel) {
      return r.nextInt(8) == 0 ? kernel + 1 : r.nextInt(kernel / 2 + 1);
    }

    /**
     * Outputs along one axis; with {@code ceil} PyTorch's last window, which begins within the
     * input or its first padding.
     */
    private int outputs(int size, int span, int stride, int padBefore, int padAfter) {
      int room = size + padBefore + padAfter - span;
      int out = room / stride + 1;
      boolean ceil = room % stride != 0 && r.nextBoolean() && out * stride < size + padBefore;
      return ceil ? out + 1 : out;
    }

    private OperatorCase maxPool(String text) {
      int type = poolType();
      int c = size();
      int kh = upTo(4);
      int kw = upTo(4);
      int dh = upTo(2);
      int dw = upTo(2);
      int sh = upTo(3);
      int sw = upTo(3);
      int ph = padding(kh);
      int pw = padding(kw);
      int h = dh * (kh - 1) + upTo(9);
      int w = dw * (kw - 1) + upTo(9);
      int n = upTo(2);
      a.ints(type, c, kh, kw, sh, sw, ph, pw, dh, dw);
      int[] dims = {
        n,
        h,
        w,
        outputs(h, dh * (kh - 1) + 1, sh, ph, ph),
        outputs(w, dw * (kw - 1) + 1, sw, pw, pw)
      };
      return done(
          OpKind.MAXPOOL,
          new byte[0][],
          dims,
          type == Attributes.F32,
          text,
          values(type, n * h * w * c));
    }

    private OperatorCase avgPool(String text) {
      int type = poolType();
      int c = size();
      int kh = upTo(4);
      int kw = upTo(4);
      int sh = upTo(3);
      int sw = upTo(3);
      int[] p = {padding(kh), padding(kw), padding(kh), padding(kw)};
      int h = kh + r.nextInt(9);
      int w = kw + r.nextInt(9);
      int n = upTo(2);
      a.ints(
          type,
          c,
          kh,
          kw,
          sh,
          sw,
          p[0],
          p[1],
          p[2],
          p[3],
          r.nextInt(2),
          r.nextInt(4) == 0 ? upTo(9) : 0);
      codeRange(type == Attributes.F32 ? Attributes.U8 : type);
      a.ints(r.nextInt(2));
      int[] dims = {n, h, w, outputs(h, kh, sh, p[0], p[2]), outputs(w, kw, sw, p[1], p[3])};
      return done(
          OpKind.AVGPOOL,
          new byte[0][],
          dims,
          type == Attributes.F32,
          text,
          values(type, n * h * w * c));
    }

    private OperatorCase adaptive(String text) {
      int type = poolType();
      int c = size();
      int[] dims = {upTo(2), upTo(12), upTo(12), upTo(7), upTo(7)};
      a.ints(type, c);
      codeRange(type == Attributes.F32 ? Attributes.U8 : type);
      a.ints(r.nextInt(2));
      int n = dims[0] * dims[1] * dims[2] * c;
      return done(
          OpKind.ADAPTIVE_AVGPOOL,
          new byte[0][],
          dims,
          type == Attributes.F32,
          text,
          values(type, n));
    }

    private OperatorCase concat(String text) {
      int type = poolType();
      int codeType = type == Attributes.F32 ? Attributes.U8 : type;
      int n = upTo(5);
      a.ints(type, n).floats(1f / scale());
      codeRange(codeType);
      int[] dims = new int[n + 1];
      dims[0] = r.nextInt(15) == 0 ? 0 : upTo(20);
      byte[][] in = new byte[n][];
      for (int i = 0; i < n; i++) {
        dims[i + 1] = r.nextInt(15) == 0 ? 0 : size();
        a.floats(scale()).ints(zero(codeType), r.nextInt(2));
        in[i] = values(type, dims[0] * dims[i + 1]);
      }
      return done(OpKind.CONCAT, new byte[0][], dims, type == Attributes.F32, text, in);
    }

    private OperatorCase unary(String text) {
      a.ints(r.nextInt(10));
      floatRange();
      a.floats((float) r.nextGaussian(), scale());
      int n = count();
      return done(OpKind.UNARY_F32, new byte[0][], new int[] {n}, true, text, fill.floats(r, n));
    }

    private OperatorCase binary(String text) {
      a.ints(r.nextInt(2));
      floatRange();
      int n = count();
      return done(
          OpKind.BINARY_F32,
          new byte[0][],
          new int[] {n},
          true,
          text,
          fill.floats(r, n),
          fill.floats(r, n));
    }

    private OperatorCase affine(String text) {
      int c = size();
      int rows = r.nextInt(12) == 0 ? 0 : upTo(30);
      a.ints(c);
      floatRange();
      byte[][] constants = {floatConstants(c, 1f), floatConstants(c, 1f)};
      return done(
          OpKind.AFFINE_F32, constants, new int[] {rows}, true, text, fill.floats(r, rows * c));
    }

    private OperatorCase transpose(String text) {
      int bytes = r.nextInt(3) == 0 ? upTo(40) : r.nextBoolean() ? 1 : 4;
      int[] d = ncs();
      a.ints(bytes);
      byte[] x = new byte[bytes * d[0] * d[1] * d[2]];
      r.nextBytes(x);
      return done(OpKind.TRANSPOSE, new byte[0][], d, false, text, x);
    }

    private OperatorCase minMax(String text) {
      boolean perChannel = r.nextBoolean();
      a.ints(perChannel ? 1 : 0);
      int[] d = {
        r.nextInt(10) == 0 ? 0 : upTo(4), perChannel ? size() : 1, r.nextInt(3) == 0 ? 1 : size()
      };
      return done(
          OpKind.MINMAX_F32, new byte[0][], d, true, text, fill.floats(r, d[0] * d[1] * d[2]));
    }

    /** quant_min and quant_max of up to 16 bits. */
    private int[] wideRange() {
      int bits = r.nextInt(3) == 0 ? upTo(16) : 8;
      int min = r.nextBoolean() ? 0 : -(1 << (bits - 1));
      int max = min + (1 << bits) - 1 - (bits > 1 ? r.nextInt(2) : 0);
      a.ints(min, max);
      return new int[] {min, max};
    }

    /**
     * {min, max, scale, zero point} a channel, of a fake quantizer that saw nothing or something.
     */
    private byte[] states(int channels, int[] range) {
      float[] s = new float[4 * channels];
      boolean fresh = r.nextInt(4) == 0;
      for (int c = 0; c < channels; c++) {
        float lo = (float) r.nextGaussian() * 3;
        s[4 * c] = fresh ? INF : lo;
        s[4 * c + 1] = fresh ? -INF : lo + r.nextFloat() * 5;
        s[4 * c + 2] = scale();
        s[4 * c + 3] = range[0] + r.nextInt(range[1] - range[0] + 1);
      }
      return bytes(s);
    }

    private int[] channels() {
      boolean perChannel = r.nextBoolean();
      return new int[] {
        r.nextInt(10) == 0 ? 0 : upTo(3),
        perChannel ? upTo(r.nextInt(4) == 0 ? 60 : 9) : 1,
        r.nextInt(3) == 0 ? 1 : r.nextInt(9) == 0 ? upTo(9000) : size()
      };
    }

    private OperatorCase fakeQuantize(OpKind kind, String text) {
      int[] range = wideRange();
      boolean grad = kind == OpKind.FAKE_QUANTIZE_GRAD;
      if (!grad) {
        a.ints(r.nextInt(3)).floats(r.nextBoolean() ? 0.01f : r.nextFloat());
        a.ints(r.nextInt(3), r.nextInt(2), range[0] + r.nextInt(range[1] - range[0] + 1));
        a.floats(r.nextBoolean() ? 0x1p-23f : 0x1p-12f);
      }
      int[] d = channels();
      int n = d[0] * d[1] * d[2];
      byte[] x = fill.floats(r, n);
      byte[] state = states(d[1], range);
      byte[][] in = grad ? new byte[][] {x, fill.floats(r, n), state} : new byte[][] {x, state};
      return done(kind, new byte[0][], d, true, text, in);
    }

    private OperatorCase histogram(String text) {
      a.ints(upTo(r.nextBoolean() ? 2048 : 10));
      float lo = (float) r.nextGaussian();
      float hi = lo + r.nextInt(4) * r.nextFloat();
      if (fill == Fill.MIXED_EXTREMES && r.nextInt(3) == 0) {
        lo = -Float.MAX_VALUE;
        hi = Float.MAX_VALUE;
      }
      int n = count();
      return done(
          OpKind.HISTOGRAM_F32,
          new byte[0][],
          new int[] {n},
          false,
          text,
          fill.floats(r, n),
          bytes(lo, hi));
    }
  }
}
