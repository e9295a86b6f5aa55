package org.octet.cli;

import java.io.InputStream;
import org.octet.data.IdxFiles;
import org.octet.data.TensorDataset;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.LongTensor;
import org.octet.tensor.OctetException;

/** The images that the command carries: see README.md beside them for source and license. */
final class FashionMnist {
  // Mean and standard deviation of the training images' bytes / 255.
  private static final double MEAN = 0.2860;
  private static final double STD = 0.3530;

  /**
   * Normalised images and their labels.
   *
   * @param images [N, 1, 28, 28]
   * @param labels [N], 0..9
   */
  record Images(FloatTensor images, LongTensor labels) {
    int size() {
      return images.size(0);
    }

    TensorDataset dataset() {
      return new TensorDataset(images, labels);
    }
  }

  private FashionMnist() {}

  /** The first {@code n} of the 10,000 training images. */
  static Images train(int n) {
    return read("train", n);
  }

  /** The first {@code n} of the 10,000 test images. */
  static Images test(int n) {
    return read("t10k", n);
  }

  private static Images read(String name, int n) {
    return new Images(
        array(name + "-images-idx3-ubyte.gz").first(n).toImages(MEAN, STD),
        array(name + "-labels-idx1-ubyte.gz").first(n).toLabels());
  }

  private static IdxFiles.Array array(String file) {
    InputStream in = FashionMnist.class.getResourceAsStream("/fashion-mnist/" + file);
    if (in == null) {
      throw new OctetException("Resource fashion-mnist/" + file + " is missing; build octet-cli again.");
    }
    return IdxFiles.read(in, file);
  }
}
