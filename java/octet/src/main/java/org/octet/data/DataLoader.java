package org.octet.data;

import java.util.Arrays;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.SplittableRandom;
import org.octet.tensor.OctetException;

/**
 * Batches of a dataset. Each iteration is an epoch; with shuffling each has an order of its own,
 * all of them decided by the seed.
 */
public final class DataLoader implements Iterable<Batch> {
  private final Dataset dataset;
  private final int batchSize;
  private final boolean dropLast;
  private final SplittableRandom random;

  /** Batches in the dataset's order; the last one may be smaller. */
  public DataLoader(Dataset dataset, int batchSize) {
    this(dataset, batchSize, null, false);
  }

  /** Batches in an order that {@code seed} decides; the last one may be smaller. */
  public DataLoader(Dataset dataset, int batchSize, long seed) {
    this(dataset, batchSize, new SplittableRandom(seed), false);
  }

  /**
   * As {@link #DataLoader(Dataset, int, long)}; {@code dropLast} leaves a smaller last batch out.
   */
  public DataLoader(Dataset dataset, int batchSize, long seed, boolean dropLast) {
    this(dataset, batchSize, new SplittableRandom(seed), dropLast);
  }

  private DataLoader(Dataset dataset, int batchSize, SplittableRandom random, boolean dropLast) {
    if (batchSize < 1) {
      throw new OctetException("The batch size is " + batchSize + "; expected at least 1.");
    }
    this.dataset = dataset;
    this.batchSize = batchSize;
    this.random = random;
    this.dropLast = dropLast;
  }

  /** Batches in an epoch. */
  public int size() {
    return dropLast ? dataset.size() / batchSize : (dataset.size() + batchSize - 1) / batchSize;
  }

  /**
   * Goes past {@code n} epochs without making their batches: the next one has the order that it
   * would have had after them. For resumed training.
   *
   * @throws OctetException if n is negative
   */
  public void skipEpochs(int n) {
    if (n < 0) {
      throw new OctetException("skipEpochs got " + n + "; expected 0 or more.");
    }
    for (int i = 0; i < n; i++) {
      order();
    }
  }

  private int[] order() {
    int[] order = new int[dataset.size()];
    Arrays.setAll(order, i -> i);
    if (random != null) {
      for (int i = order.length - 1; i > 0; i--) {
        int j = random.nextInt(i + 1);
        int t = order[i];
        order[i] = order[j];
        order[j] = t;
      }
    }
    return order;
  }

  /** Starts an epoch. The caller closes each batch, or leaves it to the collector. */
  @Override
  public Iterator<Batch> iterator() {
    int[] order = order();
    int batches = size();
    return new Iterator<>() {
      private int next;

      @Override
      public boolean hasNext() {
        return next < batches;
      }

      @Override
      public Batch next() {
        if (!hasNext()) {
          throw new NoSuchElementException();
        }
        int from = next++ * batchSize;
        return dataset.batch(
            Arrays.copyOfRange(order, from, Math.min(from + batchSize, order.length)));
      }
    };
  }
}
