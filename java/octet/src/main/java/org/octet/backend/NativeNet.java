package org.octet.backend;

import java.lang.ref.PhantomReference;
import java.lang.ref.ReferenceQueue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The safety net under native handles that nobody closes: when the collector finds their owner
 * unreachable, a daemon thread closes the gate. The gate must not refer to the owner.
 */
final class NativeNet extends PhantomReference<Object> {
  private static final ReferenceQueue<Object> QUEUE = new ReferenceQueue<>();
  private static final Set<NativeNet> ALL = ConcurrentHashMap.newKeySet();

  private final Gate gate;

  private NativeNet(Object owner, Gate gate) {
    super(owner, QUEUE);
    this.gate = gate;
  }

  /** Watches {@code owner}. */
  static NativeNet watch(Object owner, Gate gate) {
    NativeNet net = new NativeNet(owner, gate);
    ALL.add(net);
    Collector.start();
    return net;
  }

  /** The owner's close. */
  void close() {
    ALL.remove(this);
    clear();
    gate.close();
  }

  /** Owners that are watched now. */
  static int watched() {
    return ALL.size();
  }

  /** Started with the first owner. */
  private static final class Collector {
    static {
      Thread thread =
          new Thread(
              () -> {
                while (true) {
                  try {
                    ((NativeNet) QUEUE.remove()).close();
                  } catch (InterruptedException e) {
                    // nobody has reason to interrupt it; go on
                  }
                }
              },
              "octet-collector");
      thread.setDaemon(true);
      thread.start();
    }

    static void start() {}
  }
}
