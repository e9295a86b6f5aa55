package org.octet.optim;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.octet.tensor.OctetException;
import org.octet.tensor.Tensor;

/**
 * A training run between two epochs, in one file. A run that is resumed from it gives the bits of
 * one that went on.
 *
 * <pre>{@code
 * Checkpoint.of(model.stateDict(), optimizer, scheduler, epochsDone, seed).save(path);
 *
 * Checkpoint c = Checkpoint.load(path);
 * model.loadStateDict(c.model());
 * c.restore(optimizer, scheduler);
 * DataLoader loader = new DataLoader(data, 64, c.seed());
 * loader.skipEpochs(c.epoch());
 * }</pre>
 *
 * A model with Dropout draws its masks from the thread's generator: for equal bits seed that with
 * the epoch's number at the beginning of each epoch ({@code Init.seed(seed + epoch)}).
 *
 * @param model the model's state dict: parameters, running statistics, observers' and fake
 *     quantizers' state
 * @param optimizer the optimizer's state
 * @param schedulerStep the number of steps of the schedule; 0 without one
 * @param epoch the number of epochs done
 * @param seed of the order of the examples
 */
public record Checkpoint(
    Map<String, ? extends Tensor> model,
    OptimizerState optimizer,
    int schedulerStep,
    int epoch,
    long seed) {

  /**
   * The state of a run; {@code scheduler} may be null. The model's tensors are the given ones, not
   * copies.
   */
  public static Checkpoint of(
      Map<String, ? extends Tensor> model,
      Optimizer optimizer,
      LRScheduler scheduler,
      int epoch,
      long seed) {
    return new Checkpoint(
        model, optimizer.state(), scheduler == null ? 0 : scheduler.lastEpoch(), epoch, seed);
  }

  /**
   * Sets an optimizer and a schedule (or null), made as those that were saved, to the saved state.
   *
   * @throws OctetException if the optimizer is of another class or has other parameters; nothing is
   *     changed then
   */
  public void restore(Optimizer o, LRScheduler scheduler) {
    o.loadState(optimizer);
    if (scheduler != null) {
      scheduler.setLastEpoch(schedulerStep);
      // The rate that was saved may have been set by hand.
      o.setLearningRate(optimizer.learningRate());
    }
  }

  /**
   * Writes the file, replacing one that is there in one step: whatever happens, there is a whole
   * file, old or new.
   *
   * @throws CheckpointException if it cannot be written
   */
  public void save(Path file) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      CheckpointFile.writeTensors(out, model);
      out.writeUTF(optimizer.type());
      out.writeDouble(optimizer.learningRate());
      out.writeDouble(optimizer.initialLearningRate());
      CheckpointFile.writeTensors(out, optimizer.tensors());
      out.writeInt(schedulerStep);
      out.writeInt(epoch);
      out.writeLong(seed);
    } catch (IOException e) {
      throw new CheckpointException(
          "The checkpoint does not fit into memory: " + e.getMessage() + ".", e);
    }
    CheckpointFile.write(file, bytes.toByteArray());
  }

  /**
   * Reads a file.
   *
   * @throws CheckpointException if it is missing, truncated, damaged, or no checkpoint of this
   *     version
   */
  public static Checkpoint load(Path file) {
    return CheckpointFile.read(
        file,
        in ->
            new Checkpoint(
                CheckpointFile.readTensors(in),
                new OptimizerState(
                    in.readUTF(), in.readDouble(), in.readDouble(), CheckpointFile.readTensors(in)),
                in.readInt(),
                in.readInt(),
                in.readLong()));
  }
}
