package org.octet.cli;

import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.octet.data.DataException;
import org.octet.data.IdxFiles;
import org.octet.data.TensorDataset;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.LongTensor;
import org.octet.tensor.OctetException;

/**
 * Images for the networks: those that the command carries (README.md beside them has source and
 * license), or a folder's.
 */
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

    /** The first {@code n}, or all if there are fewer; views. */
    Images first(int n) {
      int count = Math.min(n, size());
      return new Images(images.slice(0, 0, count), (LongTensor) labels.slice(0, 0, count));
    }

    TensorDataset dataset() {
      return new TensorDataset(images, labels);
    }
  }

  /** Images to train on and to score. */
  record Data(Images train, Images test) {}

  private FashionMnist() {}

  /**
   * All images of a folder of IDX files with the usual names, such as train-images-idx3-ubyte.gz or
   * without ".gz"; they are normalised by the mean and deviation of the training images.
   *
   * @throws DataException naming the file, if one is missing, truncated, or holds other than 28x28
   *     images and labels 0..9
   */
  static Data folder(Path dir) {
    if (!Files.isDirectory(dir)) {
      throw new DataException(
          "Folder "
              + dir
              + " does not exist; expected one with train-images-idx3-ubyte.gz and so on.");
    }
    IdxFiles.Array train = images(dir, "train");
    double[] meanStd = meanAndDeviation(train.values());
    return new Data(
        labelled(dir, "train", train, meanStd),
        labelled(dir, "t10k", images(dir, "t10k"), meanStd));
  }

  private static IdxFiles.Array images(Path dir, String set) {
    Path file = file(dir, set + "-images-idx3-ubyte");
    IdxFiles.Array a = IdxFiles.read(file);
    if (a.dims().length != 3
        || a.dims()[0] == 0
        || a.dims()[1] != DemoModel.SIZE
        || a.dims()[2] != DemoModel.SIZE) {
      throw new DataException(
          "File "
              + file
              + " has the sizes "
              + Arrays.toString(a.dims())
              + "; expected [images, "
              + DemoModel.SIZE
              + ", "
              + DemoModel.SIZE
              + "].");
    }
    return a;
  }

  private static Images labelled(Path dir, String set, IdxFiles.Array images, double[] meanStd) {
    Path file = file(dir, set + "-labels-idx1-ubyte");
    IdxFiles.Array labels = IdxFiles.read(file);
    if (labels.dims().length != 1 || labels.dims()[0] != images.dims()[0]) {
      throw new DataException(
          "File "
              + file
              + " has the sizes "
              + Arrays.toString(labels.dims())
              + "; expected ["
              + images.dims()[0]
              + "], one label for each image.");
    }
    for (byte b : labels.values()) {
      if ((b & 0xff) >= DemoModel.CLASSES) {
        throw new DataException(
            "File "
                + file
                + " has a label "
                + (b & 0xff)
                + "; expected 0 to "
                + (DemoModel.CLASSES - 1)
                + ".");
      }
    }
    return new Images(images.toImages(meanStd[0], meanStd[1]), labels.toLabels());
  }

  private static Path file(Path dir, String name) {
    Path packed = dir.resolve(name + ".gz");
    return Files.exists(packed) || !Files.exists(dir.resolve(name)) ? packed : dir.resolve(name);
  }

  private static double[] meanAndDeviation(byte[] values) {
    double sum = 0;
    double squares = 0;
    for (byte b : values) {
      double v = (b & 0xff) / 255.0;
      sum += v;
      squares += v * v;
    }
    double mean = sum / values.length;
    double std = Math.sqrt(Math.max(0, squares / values.length - mean * mean));
    return new double[] {mean, std > 0 ? std : 1};
  }

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
      throw new OctetException(
          "Resource fashion-mnist/" + file + " is missing; build octet-cli again.");
    }
    return IdxFiles.read(in, file);
  }
}
