package org.octet.bench.peers;

import org.octet.backend.Backends;

/** Who takes part in which row. */
final class Competitors {
  private Competitors() {}

  /** uint8 in and out, linear or convolution. */
  static void int8(Rounds rounds, Operands o) {
    Peer octet = OctetPeer.int8("octet", o, 128);
    Peer octet0 = OctetPeer.int8("octetZp0", o, 0);
    Peer dnnl = DnnlPeer.int8("onednnZp128", o, 128);
    Peer dnnl0 = DnnlPeer.int8("onednnZp0", o, 0);
    octet.run();
    rounds.check(octet.output(), 1, dnnl);
    octet0.run();
    rounds.check(octet0.output(), 1, dnnl0);
    add(rounds, octet, octet0, dnnl, dnnl0);
    peaks(rounds);
  }

  private static void peaks(Rounds rounds) {
    Peak.of(Backends.current().isa()).forEach(rounds::add);
  }

  private static void add(Rounds rounds, Peer... peers) {
    for (Peer peer : peers) {
      rounds.add(peer);
    }
  }
}
