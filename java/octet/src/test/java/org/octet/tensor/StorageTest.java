package org.octet.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StorageTest {
  @Test
  void viewIsAPartWithAPositionOfItsOwn() {
    Storage s = Storage.allocate(64);
    try {
      s.buffer().putInt(12, 77);
      ByteBuffer part = s.view(8, 8);
      assertEquals(8, part.remaining());
      assertEquals(77, part.getInt(4));
      assertEquals(0, s.view(s.buffer().capacity(), 0).remaining());
    } finally {
      s.release();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "-1, 4",
    "0, -1",
    "4, 1000",
    "4294967296, 4",
    "0, 4294967300",
    "9223372036854775807, 1"
  })
  void viewBeyondTheMemoryIsRefused(long offset, long bytes) {
    Storage s = Storage.allocate(64);
    try {
      assertThrows(IllegalArgumentException.class, () -> s.view(offset, bytes));
    } finally {
      s.release();
    }
  }
}
