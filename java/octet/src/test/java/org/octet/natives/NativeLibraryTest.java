package org.octet.natives;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class NativeLibraryTest {
  @Test
  void anUnavailableLibraryNamesItsCause() {
    if (NativeLibrary.isAvailable()) {
      assertNull(NativeLibrary.unavailabilityCause());
    } else {
      assertNotNull(NativeLibrary.unavailabilityCause());
    }
  }

  @Test
  void memoryIsAlignedAndSharedWithItsBuffer() {
    assumeTrue(NativeLibrary.isAvailable(), NativeLibrary::unavailabilityCause);
    long address = NativeMemory.allocate(1000);
    try {
      assertNotEquals(0, address);
      assertEquals(0, address % 64);
      ByteBuffer buffer = NativeMemory.buffer(address, 1000);
      assertEquals(1000, buffer.capacity());
      assertEquals(ByteOrder.BIG_ENDIAN, buffer.order());
      buffer.put(999, (byte) 77);
      assertEquals(77, NativeMemory.buffer(address, 1000).get(999));
    } finally {
      NativeMemory.free(address, 1000);
    }
    assertEquals(0, NativeMemory.allocate(-1));
    assertEquals(0, NativeMemory.allocate(Long.MAX_VALUE));
  }

  @Test
  void isasFormATreeWhoseRootRunsEverywhere() {
    assumeTrue(NativeLibrary.isAvailable(), NativeLibrary::unavailabilityCause);
    assertEquals("reference", isaName(0));
    assertEquals(-1, OctetNative.octet_isa_parent(0));
    assertEquals(0, OctetNative.octet_isa_status(0));
    for (int isa = 1; isa < OctetNative.octet_isa_count(); isa++) {
      int parent = OctetNative.octet_isa_parent(isa);
      assertEquals(true, parent >= 0 && parent < isa, isaName(isa));
      if (OctetNative.octet_isa_status(isa) == 0) {
        assertEquals(0, OctetNative.octet_isa_status(parent), isaName(isa));
      }
    }
    assertEquals(0, OctetNative.octet_isa_status(OctetNative.octet_isa_best()));
  }

  private static String isaName(int isa) {
    long address = NativeMemory.allocate(32);
    try {
      assertEquals(OctetNative.OCTET_OK, OctetNative.octet_isa_name(isa, address, 32));
      byte[] bytes = new byte[32];
      NativeMemory.buffer(address, 32).get(bytes);
      int length = 0;
      while (bytes[length] != 0) {
        length++;
      }
      return new String(bytes, 0, length, StandardCharsets.US_ASCII);
    } finally {
      NativeMemory.free(address, 32);
    }
  }
}
