package org.octet.quantization;

/**
 * Options of {@link Quantization#convert(org.octet.nn.Module, ConvertOptions)}. Immutable: every
 * method returns a changed copy.
 */
public final class ConvertOptions {
  private static final ConvertOptions DEFAULTS =
      new ConvertOptions(ModuleMappings.defaults(), false);

  private final ModuleMappings mapping;
  private final boolean allowUncalibrated;

  private ConvertOptions(ModuleMappings mapping, boolean allowUncalibrated) {
    this.mapping = mapping;
    this.allowUncalibrated = allowUncalibrated;
  }

  /** The default mappings; observers that saw nothing are an error. */
  public static ConvertOptions defaults() {
    return DEFAULTS;
  }

  /** With another table of what modules become. */
  public ConvertOptions mapping(ModuleMappings value) {
    return new ConvertOptions(value, allowUncalibrated);
  }

  /**
   * Lets observers that saw nothing answer scale 1 and zero point 0, for tests of structure and for
   * loading a state.
   */
  public ConvertOptions allowUncalibrated() {
    return new ConvertOptions(mapping, true);
  }

  ModuleMappings mapping() {
    return mapping;
  }

  boolean uncalibratedAllowed() {
    return allowUncalibrated;
  }
}
