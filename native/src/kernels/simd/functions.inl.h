// The contract's functions (scalar.h) over the traits V of the ISA that includes this, and over Wide: four registers that
// take each step together, since a step of one waits for the step before.
#ifndef OCTET_KERNELS_SIMD_FUNCTIONS_INL_H_
#define OCTET_KERNELS_SIMD_FUNCTIONS_INL_H_

// Left to itself the compiler calls functions for the whole blocks and the last part of one, through memory.
#define OCTET_INLINE __attribute__((always_inline))

namespace {

struct Wide {
  struct F {
    V::F a, b, c, d;
  };

  template <typename Step, typename... X>
  static F each(const Step& step, const X&... x) {
    return {step(x.a...), step(x.b...), step(x.c...), step(x.d...)};
  }
  static F set(float v) { return {V::set(v), V::set(v), V::set(v), V::set(v)}; }
  static F load(const float* p) {
    return {V::load(p), V::load(p + V::kLanes), V::load(p + 2 * V::kLanes), V::load(p + 3 * V::kLanes)};
  }
  static void store(float* p, const F& v) {
    V::store(p, v.a);
    V::store(p + V::kLanes, v.b);
    V::store(p + 2 * V::kLanes, v.c);
    V::store(p + 3 * V::kLanes, v.d);
  }
  static F add(const F& x, const F& y) {
    return each([](V::F u, V::F v) { return V::add(u, v); }, x, y);
  }
  static F sub(const F& x, const F& y) {
    return each([](V::F u, V::F v) { return V::sub(u, v); }, x, y);
  }
  static F mul(const F& x, const F& y) {
    return each([](V::F u, V::F v) { return V::mul(u, v); }, x, y);
  }
  static F div(const F& x, const F& y) {
    return each([](V::F u, V::F v) { return V::div(u, v); }, x, y);
  }
  static F max(const F& x, const F& y) {
    return each([](V::F u, V::F v) { return V::max(u, v); }, x, y);
  }
  static F min(const F& x, const F& y) {
    return each([](V::F u, V::F v) { return V::min(u, v); }, x, y);
  }
  static F fma(const F& x, const F& y, const F& z) {
    return each([](V::F u, V::F v, V::F w) { return V::fma(u, v, w); }, x, y, z);
  }
  static F negate(const F& x) {
    return each([](V::F v) { return V::negate(v); }, x);
  }
  static F abs(const F& x) {
    return each([](V::F v) { return V::abs(v); }, x);
  }
  static F copy_sign(const F& x, const F& sign) {
    return each([](V::F u, V::F v) { return V::copy_sign(u, v); }, x, sign);
  }
  static F power(const F& x) {
    return each([](V::F v) { return V::power(v); }, x);
  }
  static F scale(const F& x, const F& n) {
    return each([](V::F u, V::F v) { return V::scale(u, v); }, x, n);
  }
  static F select_less(const F& a, const F& b, const F& x, const F& y) {
    return each([](V::F u, V::F v, V::F s, V::F t) { return V::select_less(u, v, s, t); }, a, b, x, y);
  }
  static F select_nan(const F& a, const F& x, const F& y) {
    return each([](V::F u, V::F s, V::F t) { return V::select_nan(u, s, t); }, a, x, y);
  }
};

// W is V or Wide from here on.

// Bounds of an activation; NaN passes.
template <typename W>
inline typename W::F clamp(typename W::F x, typename W::F lo, typename W::F hi) {
  return W::min(hi, W::max(lo, x));
}

inline V::F clamp(V::F x, V::F lo, V::F hi) { return clamp<V>(x, lo, hi); }

// e^x = (1 + part) * 2^n, as in scalar.h, where n is 12582912 too large: that rounds to integers, and leaves n in the low
// bits. NaN stays in the part.
template <typename W>
struct Exponential {
  typename W::F part, n;

  // x is in the range of exp, or NaN.
  OCTET_INLINE explicit Exponential(typename W::F x) {
    const typename W::F magic = W::set(12582912.0f);
    n = W::add(W::mul(x, W::set(1.44269504f)), magic);
    const typename W::F rounded = W::sub(n, magic);
    typename W::F r = W::fma(rounded, W::set(-0.693145752f), x);
    r = W::fma(rounded, W::set(-1.42860677e-6f), r);
    typename W::F p = W::set(1.98756915e-4f);
    p = W::fma(p, r, W::set(1.39819995e-3f));
    p = W::fma(p, r, W::set(8.33345190e-3f));
    p = W::fma(p, r, W::set(4.16657962e-2f));
    p = W::fma(p, r, W::set(1.66666657e-1f));
    p = W::fma(p, r, W::set(5.00000000e-1f));
    part = W::fma(p, W::mul(r, r), r);
  }
  static Exponential of(typename W::F x) { return Exponential(clamp<W>(x, W::set(-87.33654f), W::set(88.37626f))); }
  typename W::F value() const { return W::mul(W::add(part, W::set(1.0f)), W::power(n)); }
  // 1 + value(), rounded as in two steps: a value that is not exact is too small to be seen.
  typename W::F plus_one() const { return W::fma(W::add(part, W::set(1.0f)), W::power(n), W::set(1.0f)); }
  typename W::F minus_one() const {
    const typename W::F power = W::power(n);
    return W::fma(part, power, W::sub(power, W::set(1.0f)));
  }
};

inline V::F exp_or_zero(V::F x) {
  return V::select_less(x, V::set(-87.33654f), V::set(0.0f), Exponential<V>::of(x).value());
}

struct Clamp {
  template <typename W>
  OCTET_INLINE typename W::F of(typename W::F x) const {
    return x;
  }
};

struct Hardsigmoid {
  template <typename W>
  OCTET_INLINE typename W::F of(typename W::F x) const {
    return W::div(clamp<W>(W::add(x, W::set(3.0f)), W::set(0.0f), W::set(6.0f)), W::set(6.0f));
  }
};

struct Hardswish {
  template <typename W>
  OCTET_INLINE typename W::F of(typename W::F x) const {
    return W::div(W::mul(x, clamp<W>(W::add(x, W::set(3.0f)), W::set(0.0f), W::set(6.0f))), W::set(6.0f));
  }
};

struct Sigmoid {
  template <typename W>
  OCTET_INLINE typename W::F of(typename W::F x) const {
    return W::div(W::set(1.0f), Exponential<W>::of(W::negate(x)).plus_one());
  }
};

struct Tanh {
  template <typename W>
  OCTET_INLINE typename W::F of(typename W::F x) const {
    const typename W::F a = W::abs(x), z = W::mul(x, x);
    typename W::F p = W::set(-5.70498872745e-3f);
    p = W::fma(p, z, W::set(2.06390887954e-2f));
    p = W::fma(p, z, W::set(-5.37397155531e-2f));
    p = W::fma(p, z, W::set(1.33314422036e-1f));
    p = W::fma(p, z, W::set(-3.33332819422e-1f));
    const typename W::F small = W::fma(W::mul(p, z), x, x);
    const Exponential<W> e(W::min(W::set(88.37626f), W::add(a, a)));
    const typename W::F y = W::sub(W::set(1.0f), W::div(W::set(2.0f), e.plus_one()));
    return W::select_less(a, W::set(0.625f), small, W::copy_sign(y, x));
  }
};

struct Gelu {
  template <typename W>
  OCTET_INLINE typename W::F of(typename W::F x) const {
    const typename W::F a = W::min(W::set(8.0f), W::abs(x)), half = W::set(0.5f);
    typename W::F p = W::set(8.412364693732854e-10f);
    p = W::fma(p, a, W::set(-3.7207513514658785e-08f));
    p = W::fma(p, a, W::set(7.14069585683319e-07f));
    p = W::fma(p, a, W::set(-7.737300620647147e-06f));
    p = W::fma(p, a, W::set(5.057461385149509e-05f));
    p = W::fma(p, a, W::set(-0.00017926693544723094f));
    p = W::fma(p, a, W::set(-3.810340422205627e-05f));
    p = W::fma(p, a, W::set(0.00486776465550065f));
    p = W::fma(p, a, W::set(-0.03638741001486778f));
    p = W::fma(p, a, W::set(-0.3182949423789978f));
    p = W::fma(p, a, W::set(-0.7978860139846802f));
    // From -35 to 0, so the exponent can be added to, and half of the power is exact. NaN comes back with x.
    const Exponential<W> power(W::mul(p, a));
    const typename W::F e = W::scale(W::fma(power.part, half, half), power.n);
    return W::mul(W::max(W::set(-8.0f), x), W::select_less(x, W::set(0.0f), e, W::sub(W::set(1.0f), e)));
  }
};

struct GeluTanh {
  template <typename W>
  OCTET_INLINE typename W::F of(typename W::F x) const {
    x = W::max(W::set(-10.0f), x);
    const typename W::F u = W::mul(x, W::fma(W::mul(x, x), W::set(0.0713548163f), W::set(1.59576912f)));
    return W::div(x, Exponential<W>::of(W::negate(u)).plus_one());
  }
};

// x > 0 ? x : y
template <typename W>
inline typename W::F where_positive(typename W::F x, typename W::F y) {
  return W::select_less(W::set(0.0f), x, x, y);
}

struct Elu {
  float alpha, beta;
  template <typename W>
  OCTET_INLINE typename W::F of(typename W::F x) const {
    const typename W::F y = Exponential<W>::of(W::mul(x, W::set(beta))).minus_one();
    return where_positive<W>(x, W::mul(W::set(alpha), y));
  }
};

struct LeakyRelu {
  float alpha;
  template <typename W>
  OCTET_INLINE typename W::F of(typename W::F x) const {
    return where_positive<W>(x, W::mul(x, W::set(alpha)));
  }
};

struct Threshold {
  float alpha, beta;
  template <typename W>
  OCTET_INLINE typename W::F of(typename W::F x) const {
    return W::select_less(W::set(alpha), x, x, W::select_nan(x, x, W::set(beta)));
  }
};

}  // namespace

#endif  // OCTET_KERNELS_SIMD_FUNCTIONS_INL_H_
