// The contract's functions (scalar.h) over the traits V of the ISA that includes this.
#ifndef OCTET_KERNELS_SIMD_FUNCTIONS_INL_H_
#define OCTET_KERNELS_SIMD_FUNCTIONS_INL_H_

namespace {

// Bounds of an activation; NaN passes.
inline V::F clamp(V::F x, V::F lo, V::F hi) { return V::min(hi, V::max(lo, x)); }

// e^x = (1 + part) * power, as in scalar.h. NaN stays in the part.
struct Exponential {
  V::F part, power;
};

inline Exponential split_exp(V::F x) {
  x = clamp(x, V::set(-87.33654f), V::set(88.37626f));
  const V::F n = V::round_even(V::mul(x, V::set(1.44269504f)));
  V::F r = V::fma(n, V::set(-0.693145752f), x);
  r = V::fma(n, V::set(-1.42860677e-6f), r);
  V::F p = V::set(1.98756915e-4f);
  p = V::fma(p, r, V::set(1.39819995e-3f));
  p = V::fma(p, r, V::set(8.33345190e-3f));
  p = V::fma(p, r, V::set(4.16657962e-2f));
  p = V::fma(p, r, V::set(1.66666657e-1f));
  p = V::fma(p, r, V::set(5.00000000e-1f));
  return {V::fma(p, V::mul(r, r), r), V::exponent(V::add(V::to_int(n), V::set(127)))};
}

inline V::F exp(V::F x) {
  const Exponential e = split_exp(x);
  return V::mul(V::add(e.part, V::set(1.0f)), e.power);
}

inline V::F expm1(V::F x) {
  const Exponential e = split_exp(x);
  return V::fma(e.part, e.power, V::sub(e.power, V::set(1.0f)));
}

inline V::F exp_or_zero(V::F x) { return V::select_less(x, V::set(-87.33654f), V::set(0.0f), exp(x)); }

struct Clamp {
  V::F operator()(V::F x) const { return x; }
};

struct Hardsigmoid {
  V::F operator()(V::F x) const {
    return V::div(clamp(V::add(x, V::set(3.0f)), V::set(0.0f), V::set(6.0f)), V::set(6.0f));
  }
};

struct Hardswish {
  V::F operator()(V::F x) const {
    return V::div(V::mul(x, clamp(V::add(x, V::set(3.0f)), V::set(0.0f), V::set(6.0f))), V::set(6.0f));
  }
};

struct Sigmoid {
  V::F operator()(V::F x) const { return V::div(V::set(1.0f), V::add(V::set(1.0f), exp(V::negate(x)))); }
};

struct Tanh {
  V::F operator()(V::F x) const {
    const V::F zero = V::set(0.0f), a = V::select_less(x, zero, V::negate(x), x);
    const V::F z = V::mul(x, x);
    V::F p = V::set(-5.70498872745e-3f);
    p = V::fma(p, z, V::set(2.06390887954e-2f));
    p = V::fma(p, z, V::set(-5.37397155531e-2f));
    p = V::fma(p, z, V::set(1.33314422036e-1f));
    p = V::fma(p, z, V::set(-3.33332819422e-1f));
    const V::F small = V::fma(V::mul(p, z), x, x);
    const V::F y = V::sub(V::set(1.0f), V::div(V::set(2.0f), V::add(exp(V::add(a, a)), V::set(1.0f))));
    return V::select_less(a, V::set(0.625f), small, V::select_less(x, zero, V::negate(y), y));
  }
};

struct Gelu {
  V::F operator()(V::F x) const {
    const V::F zero = V::set(0.0f);
    const V::F a = V::min(V::set(8.0f), V::select_less(x, zero, V::negate(x), x));
    V::F p = V::set(8.412364693732854e-10f);
    p = V::fma(p, a, V::set(-3.7207513514658785e-08f));
    p = V::fma(p, a, V::set(7.14069585683319e-07f));
    p = V::fma(p, a, V::set(-7.737300620647147e-06f));
    p = V::fma(p, a, V::set(5.057461385149509e-05f));
    p = V::fma(p, a, V::set(-0.00017926693544723094f));
    p = V::fma(p, a, V::set(-3.810340422205627e-05f));
    p = V::fma(p, a, V::set(0.00486776465550065f));
    p = V::fma(p, a, V::set(-0.03638741001486778f));
    p = V::fma(p, a, V::set(-0.3182949423789978f));
    p = V::fma(p, a, V::set(-0.7978860139846802f));
    const V::F e = V::mul(exp(V::mul(p, a)), V::set(0.5f));
    return V::select_less(x, zero, V::negate(V::mul(a, e)), V::mul(x, V::sub(V::set(1.0f), e)));
  }
};

struct GeluTanh {
  V::F operator()(V::F x) const {
    x = V::max(V::set(-10.0f), x);
    const V::F u = V::mul(x, V::fma(V::mul(x, x), V::set(0.0713548163f), V::set(1.59576912f)));
    return V::div(x, V::add(V::set(1.0f), exp(V::negate(u))));
  }
};

// x > 0 ? x : y
inline V::F where_positive(V::F x, V::F y) { return V::select_less(V::set(0.0f), x, x, y); }

struct Elu {
  V::F alpha, beta;
  V::F operator()(V::F x) const { return where_positive(x, V::mul(alpha, expm1(V::mul(x, beta)))); }
};

struct LeakyRelu {
  V::F alpha;
  V::F operator()(V::F x) const { return where_positive(x, V::mul(x, alpha)); }
};

struct Threshold {
  V::F alpha, beta;
  V::F operator()(V::F x) const { return V::select_less(alpha, x, x, V::select_nan(x, x, beta)); }
};

}  // namespace

#endif  // OCTET_KERNELS_SIMD_FUNCTIONS_INL_H_
