package org.octet.nn;

import org.octet.tensor.Tensor;

/** A functional child as its parent calls it: errors and traces get the child's name. */
record ScopedFunctional(String name, Functional child) implements Functional {
  @Override
  public Tensor add(Tensor a, Tensor b) {
    return Module.within(name, () -> child.add(a, b));
  }

  @Override
  public Tensor addScalar(Tensor x, double scalar) {
    return Module.within(name, () -> child.addScalar(x, scalar));
  }

  @Override
  public Tensor mul(Tensor a, Tensor b) {
    return Module.within(name, () -> child.mul(a, b));
  }

  @Override
  public Tensor mulScalar(Tensor x, double scalar) {
    return Module.within(name, () -> child.mulScalar(x, scalar));
  }

  @Override
  public Tensor cat(int dim, Tensor... tensors) {
    return Module.within(name, () -> child.cat(dim, tensors));
  }

  @Override
  public Tensor matmul(Tensor a, Tensor b) {
    return Module.within(name, () -> child.matmul(a, b));
  }

  @Override
  public Tensor addRelu(Tensor a, Tensor b) {
    return Module.within(name, () -> child.addRelu(a, b));
  }
}
