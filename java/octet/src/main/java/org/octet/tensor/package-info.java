/**
 * Tensors: storage, views and quantization parameters.
 *
 * <p>The bottom of the library: nothing here knows an operator. {@link org.octet.tensor.Tensor} is
 * a sealed family of {@link org.octet.tensor.FloatTensor}, {@link org.octet.tensor.QuantizedTensor}
 * and {@link org.octet.tensor.LongTensor}; a {@link org.octet.tensor.TensorScope} frees what was
 * made inside it.
 */
package org.octet.tensor;
