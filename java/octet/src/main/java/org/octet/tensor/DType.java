package org.octet.tensor;

/** Element types. Quantized ones have a range of codes and always come with {@link QParams}. */
public enum DType {
  /** 32-bit IEEE float. */
  FLOAT32(4, 0, 0, "float32"),
  /** 64-bit signed integer, for indices and labels. */
  INT64(8, 0, 0, "int64"),
  /** Signed 8-bit codes, -128..127. */
  QINT8(1, -128, 127, "qint8"),
  /** Unsigned 8-bit codes, 0..255. */
  QUINT8(1, 0, 255, "quint8"),
  /** Signed 16-bit codes. */
  QINT16(2, Short.MIN_VALUE, Short.MAX_VALUE, "qint16"),
  /** Signed 32-bit codes, the type of a bias. */
  QINT32(4, Integer.MIN_VALUE, Integer.MAX_VALUE, "qint32"),
  /**
   * Unsigned 4-bit codes, 0..15, for tables of embeddings. A tensor gives each a byte; packed rows
   * hold two in one.
   */
  QUINT4X2(1, 0, 15, "quint4x2"),
  /**
   * Unsigned 2-bit codes, 0..3, for tables of embeddings. A tensor gives each a byte; packed rows
   * hold four in one.
   */
  QUINT2X4(1, 0, 3, "quint2x4");

  private final int bytes;
  private final int quantMin;
  private final int quantMax;
  private final String torchName;

  DType(int bytes, int quantMin, int quantMax, String torchName) {
    this.bytes = bytes;
    this.quantMin = quantMin;
    this.quantMax = quantMax;
    this.torchName = torchName;
  }

  /** Size of one element in bytes. */
  public int bytes() {
    return bytes;
  }

  /** Whether elements are codes that need {@link QParams}. */
  public boolean isQuantized() {
    return ordinal() >= QINT8.ordinal();
  }

  /** The smallest code; 0 for types that are not quantized. */
  public int quantMin() {
    return quantMin;
  }

  /** The largest code; 0 for types that are not quantized. */
  public int quantMax() {
    return quantMax;
  }

  /** PyTorch's name: "float32", "quint8", ... */
  public String torchName() {
    return torchName;
  }

  /**
   * The type with PyTorch's name.
   *
   * @throws DTypeException if there is none
   */
  public static DType ofTorchName(String name) {
    for (DType t : values()) {
      if (t.torchName.equals(name)) {
        return t;
      }
    }
    throw new DTypeException(
        "Unknown dtype \""
            + name
            + "\"; expected one of float32, int64, qint8, quint8, qint16, qint32, quint4x2, quint2x4.");
  }

  @Override
  public String toString() {
    return torchName;
  }
}
