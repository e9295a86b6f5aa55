package org.bytedeco.opencl.presets;

/**
 * oneDNN's preset names this class, and JavaCPP refuses to load what names a missing one. Its CPU
 * engine uses nothing of OpenCL, so an empty class stands in for the preset and for the driver
 * library that the preset would load.
 */
public final class OpenCL {
  private OpenCL() {}
}
