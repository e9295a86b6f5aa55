package org.octet.ops;

import org.octet.tensor.FloatTensor;

/** Loops over two operands that several training ops share. */
enum Pointwise {
  /** a + b. */
  ADD {
    @Override
    void loop(float[] a, float[] b, float[] y, int n) {
      for (int i = 0; i < n; i++) {
        y[i] = a[i] + b[i];
      }
    }
  },
  /** a - b. */
  SUB {
    @Override
    void loop(float[] a, float[] b, float[] y, int n) {
      for (int i = 0; i < n; i++) {
        y[i] = a[i] - b[i];
      }
    }
  },
  /** a * b. */
  MUL {
    @Override
    void loop(float[] a, float[] b, float[] y, int n) {
      for (int i = 0; i < n; i++) {
        y[i] = a[i] * b[i];
      }
    }
  };

  abstract void loop(float[] a, float[] b, float[] y, int n);

  /** y = a op b; all are dense in one order. */
  void run(FloatTensor y, FloatTensor a, FloatTensor b) {
    Rows.map(y, 1, (in, out, n) -> loop(in[0], in[1], out, n), a, b);
  }
}
