package org.octet.natives;

import org.bytedeco.javacpp.annotation.NoException;
import org.bytedeco.javacpp.annotation.Platform;
import org.bytedeco.javacpp.annotation.Properties;

/**
 * What JavaCPP makes {@code OctetNative} from: the functions of {@code octet/octet.h}, static, over
 * primitives. No C++ exception crosses them (every function that can fail returns a status), so
 * none is caught.
 */
@Properties(
    value = @Platform(include = "octet/octet.h", library = "jnioctet"),
    target = "org.octet.natives.OctetNative")
@NoException
public class OctetNativeConfig {
  /** Only {@code OctetNative} extends it. */
  protected OctetNativeConfig() {}
}
