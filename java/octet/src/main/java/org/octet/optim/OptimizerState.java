package org.octet.optim;

import java.util.Map;
import org.octet.tensor.Tensor;

/**
 * What an optimizer remembers between steps, as {@link Optimizer#state()} copies it.
 *
 * @param type the optimizer's class, such as "SGD"
 * @param learningRate of the next step
 * @param initialLearningRate before any schedule changed it
 * @param tensors by "number of the parameter.PyTorch's name", such as "0.momentum_buffer" or
 *     "3.exp_avg"; parameters that have not been stepped yet have none
 */
public record OptimizerState(
    String type, double learningRate, double initialLearningRate, Map<String, Tensor> tensors) {}
