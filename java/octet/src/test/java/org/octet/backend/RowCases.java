package org.octet.backend;

/** Random cases of the kinds that work on rows and channels, for {@link OperatorCase}. */
final class RowCases {
  private final OperatorCase.Maker m;

  RowCases(OperatorCase.Maker m) {
    this.m = m;
  }

  OperatorCase make(OpKind kind, String text) {
    return switch (kind) {
      case SOFTMAX -> softmax(text);
      case GROUP_NORM -> groupNorm(text);
      case AFFINE_Q8 -> affineQ8(text);
      case LINEAR_WEIGHT_ONLY -> weightOnly(text);
      case MATMUL_F32 -> matmul(text);
      case MATMUL_Q8 -> matmulQ8(text);
      default -> throw new IllegalArgumentException("no generator of " + kind);
    };
  }

  private int rows() {
    return m.r.nextInt(12) == 0 ? 0 : m.upTo(30);
  }

  private int codeType(int type) {
    return type == Attributes.F32 ? Attributes.U8 : type;
  }

  private OperatorCase softmax(String text) {
    int type = m.poolType();
    int n = m.size();
    int rows = rows();
    m.a.ints(type, n).floats(m.scale(), 1f / m.scale());
    m.codeRange(codeType(type));
    return m.done(
        OpKind.SOFTMAX,
        new byte[0][],
        new int[] {rows},
        type == Attributes.F32,
        text,
        m.values(type, rows * n));
  }

  private OperatorCase groupNorm(String text) {
    int type = m.poolType();
    boolean layer = m.r.nextBoolean();
    int groups = layer ? 1 : m.upTo(8);
    int channels = groups * (!layer && m.r.nextInt(3) == 0 ? 1 : m.size());
    int images = rows();
    int pixels = layer ? 1 : m.r.nextInt(12) == 0 ? 0 : m.upTo(20);
    m.a.ints(type, channels, groups).floats(1e-5f);
    m.floatRange();
    m.a.floats(m.scale()).ints(m.zero(codeType(type)));
    m.codeRange(codeType(type));
    byte[][] constants = {
      m.r.nextInt(3) == 0 ? null : m.floatConstants(channels, 1f),
      m.r.nextInt(3) == 0 ? null : m.floatConstants(channels, 1f)
    };
    return m.done(
        OpKind.GROUP_NORM,
        constants,
        new int[] {images, pixels},
        type == Attributes.F32,
        text,
        m.values(type, images * pixels * channels));
  }

  private OperatorCase affineQ8(String text) {
    int type = m.type();
    int channels = m.size();
    int rows = rows();
    m.a.ints(type, channels, m.zero(type));
    m.codeRange(type);
    byte[][] constants = {m.floatConstants(channels, 1f), m.floatConstants(channels, 40f)};
    return m.done(
        OpKind.AFFINE_Q8,
        constants,
        new int[] {rows},
        false,
        text,
        m.values(type, rows * channels));
  }

  private int[] product() {
    return new int[] {m.r.nextInt(4), m.r.nextInt(3) == 0 ? 1 : rows(), m.size(), m.size()};
  }

  private OperatorCase matmul(String text) {
    int[] d = product();
    m.a.ints(m.r.nextInt(2));
    m.floatRange();
    return m.done(
        OpKind.MATMUL_F32,
        new byte[0][],
        d,
        true,
        text,
        m.values(Attributes.F32, d[0] * d[1] * d[2]),
        m.values(Attributes.F32, d[0] * d[2] * d[3]));
  }

  private OperatorCase matmulQ8(String text) {
    int[] d = product();
    int a = m.type();
    int b = m.type();
    int out = m.poolType();
    m.a.ints(m.r.nextInt(2), a, b, out, m.zero(a), m.zero(b)).floats(0.01f * m.scale());
    m.codeRange(codeType(out));
    return m.done(
        OpKind.MATMUL_Q8,
        new byte[0][],
        d,
        out == Attributes.F32,
        text,
        m.values(a, d[0] * d[1] * d[2]),
        m.values(b, d[0] * d[2] * d[3]));
  }

  private OperatorCase weightOnly(String text) {
    int bits = m.r.nextBoolean() ? 8 : 4;
    int group = m.upTo(20) * (bits == 4 ? 2 : 1);
    int groups = m.upTo(5);
    int k = group * groups;
    int n = m.size();
    int rows = m.r.nextInt(20) == 0 ? 0 : m.upTo(9);
    m.a.ints(k, n, bits, group);
    m.floatRange();
    byte[][] constants = {
      m.fill.codes(m.r, n * k, bits == 4 ? -8 : -128, bits == 4 ? 7 : 127),
      m.floatConstants(n * groups, 0.1f),
      m.r.nextBoolean() ? null : m.floatConstants(n, 1f)
    };
    return m.done(
        OpKind.LINEAR_WEIGHT_ONLY,
        constants,
        new int[] {rows},
        true,
        text,
        m.fill.floats(m.r, rows * k));
  }
}
