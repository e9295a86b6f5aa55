package org.octet.backend.twin;

/**
 * One operator: attributes and constants are read when it is made; a run depends on nothing else.
 */
public interface Kernel {
  /**
   * Runs. All inputs are read before the output is written, so the output may overlap them.
   *
   * @param dims as octet_kinds.h gives them for the kind, checked
   * @param in dense inputs, checked to be large enough
   */
  void run(int[] dims, Memory[] in, Memory out);
}
