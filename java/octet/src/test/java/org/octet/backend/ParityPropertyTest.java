package org.octet.backend;

import net.jqwik.api.Assume;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.octet.natives.NativeLibrary;

/**
 * As {@link ParityTest}, with seeds that are new at every build; jqwik prints the seed of a
 * failure.
 */
class ParityPropertyTest {
  @Property(tries = 1500)
  void everyInstructionSetGivesTheTwinsBits(
      @ForAll OpKind kind, @ForAll Fill fill, @ForAll long seed) {
    Assume.that(NativeLibrary.isAvailable() && !ParityTest.NOT_NATIVE.contains(kind));
    OperatorCase c = OperatorCase.random(kind, fill, seed);
    for (NativeBackend b : NativeBackend.available()) {
      Parity.check(c, b);
    }
  }
}
