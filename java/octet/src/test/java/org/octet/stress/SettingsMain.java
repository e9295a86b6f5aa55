package org.octet.stress;

import org.octet.backend.BackendException;
import org.octet.backend.Backends;
import org.octet.ops.UnaryOp;
import org.octet.tensor.FloatTensor;

/** See {@link SettingsTest}: what the process default is, after an operation with it. */
final class SettingsMain {
  private SettingsMain() {}

  public static void main(String[] args) {
    try {
      UnaryOp.RELU.apply(FloatTensor.zeros(3)).close();
      System.out.println("isa=" + Backends.current().isa());
    } catch (BackendException e) {
      System.out.println(e.getMessage());
      System.exit(3);
    }
  }
}
