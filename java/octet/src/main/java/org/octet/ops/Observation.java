package org.octet.ops;

import org.octet.tensor.FloatTensor;

/** What an {@link ObserveOp} feeds: the statistics of one place in a model. */
public interface Observation {
  /** Takes the values of one tensor into the statistics. */
  void observe(FloatTensor x);
}
