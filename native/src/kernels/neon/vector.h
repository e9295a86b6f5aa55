// The vector traits of NEON, for kernels/simd/*.inl.h. Every operation is one rounded step; max and min are those of
// the other ISAs, max(a, b) = a > b ? a : b, so that b stands when one is NaN and of two zeros b.
#ifndef OCTET_KERNELS_NEON_VECTOR_H_
#define OCTET_KERNELS_NEON_VECTOR_H_

#include <arm_neon.h>
#include <stddef.h>
#include <stdint.h>

#define OCTET_SYMBOL(name) octet_##name##_4__neon

namespace {

struct V {
  static constexpr int kLanes = 4;
  using F = float32x4_t;
  using I = int32x4_t;

  static F load(const float* p) { return vld1q_f32(p); }
  static void store(float* p, F v) { vst1q_f32(p, v); }
  // The first n of kLanes, `fill` in the others; nothing else is read or written.
  static F load_first(const float* p, int n, F fill) {
    float lanes[4];
    vst1q_f32(lanes, fill);
    for (int i = 0; i < n; i++) lanes[i] = p[i];
    return vld1q_f32(lanes);
  }
  static void store_first(float* p, F v, int n) {
    float lanes[4];
    vst1q_f32(lanes, v);
    for (int i = 0; i < n; i++) p[i] = lanes[i];
  }
  static F set(float v) { return vdupq_n_f32(v); }
  static F add(F a, F b) { return vaddq_f32(a, b); }
  static F sub(F a, F b) { return vsubq_f32(a, b); }
  static F mul(F a, F b) { return vmulq_f32(a, b); }
  static F div(F a, F b) { return vdivq_f32(a, b); }
  static F fma(F a, F b, F c) { return vfmaq_f32(c, a, b); }
  static F max(F a, F b) { return vbslq_f32(vcgtq_f32(a, b), a, b); }
  static F min(F a, F b) { return vbslq_f32(vcltq_f32(a, b), a, b); }
  static F sqrt(F v) { return vsqrtq_f32(v); }
  static F round_even(F v) { return vrndnq_f32(v); }
  static F negate(F v) { return vnegq_f32(v); }
  static F abs(F v) { return vabsq_f32(v); }
  static F copy_sign(F x, F sign) { return vbslq_f32(vdupq_n_u32(0x80000000u), sign, x); }
  // a < b ? x : y; false for NaN.
  static F select_less(F a, F b, F x, F y) { return vbslq_f32(vcltq_f32(a, b), x, y); }
  // v is NaN ? x : y
  static F select_nan(F v, F x, F y) { return vbslq_f32(vceqq_f32(v, v), y, x); }

  // Where a or b is NaN.
  using Mask = uint32x4_t;
  static Mask either_nan(F a, F b) { return vmvnq_u32(vandq_u32(vceqq_f32(a, a), vceqq_f32(b, b))); }
  static Mask either(Mask a, Mask b) { return vorrq_u32(a, b); }
  static F select(Mask mask, F x, F y) { return vbslq_f32(mask, x, y); }

  static I set(int32_t v) { return vdupq_n_s32(v); }
  static I add(I a, I b) { return vaddq_s32(a, b); }
  static I sub(I a, I b) { return vsubq_s32(a, b); }
  static I mul(I a, I b) { return vmulq_s32(a, b); }
  static I to_int(F v) { return vcvtnq_s32_f32(v); }
  static F to_float(I v) { return vcvtq_f32_s32(v); }
  // 2^n, and x * 2^n where x and that are normal numbers above 0; n is 12582912 too large.
  static F power(F n) { return vreinterpretq_f32_s32(add(exponent(n), set(127 << 23))); }
  static F scale(F x, F n) { return vreinterpretq_f32_s32(add(vreinterpretq_s32_f32(x), exponent(n))); }
  static I exponent(F n) { return vshlq_n_s32(vreinterpretq_s32_f32(n), 23); }

  // kLanes codes, widened.
  static I widen(const uint8_t* p) {
    return vreinterpretq_s32_u32(vmovl_u16(vget_low_u16(vmovl_u8(vreinterpret_u8_u32(vdup_n_u32(four(p)))))));
  }
  static I widen(const int8_t* p) {
    return vmovl_s16(vget_low_s16(vmovl_s8(vreinterpret_s8_u32(vdup_n_u32(four(p))))));
  }
  // The first n of kLanes codes, widened, 0 in the others.
  template <typename T>
  static I widen_first(const T* p, int n) {
    T codes[kLanes] = {};
    for (int i = 0; i < n; i++) codes[i] = p[i];
    return widen(codes);
  }
  // Words of four vectors, lo to hi; NaN becomes lo. The low bytes of words.
  static I bounded_words(F a, F b, F lo, F hi, I) {
    const F x = vminnmq_f32(vmaxnmq_f32(a, lo), hi), y = vminnmq_f32(vmaxnmq_f32(b, lo), hi);
    return vreinterpretq_s32_s16(vmovn_high_s32(vmovn_s32(vcvtnq_s32_f32(x)), vcvtnq_s32_f32(y)));
  }
  static void store_low_bytes(uint8_t* p, I left, I right) { vst1q_u8(p, vuzp1q_u8(bytes(left), bytes(right))); }
  static void store_codes_first(uint8_t* p, I v, int n) {
    uint8_t codes[kLanes];
    store_codes(codes, v);
    for (int i = 0; i < n; i++) p[i] = codes[i];
  }
  static void store_codes(uint8_t* p, I v) {
    const int16x4_t words = vmovn_s32(v);
    const uint32x2_t codes = vreinterpret_u32_s8(vmovn_s16(vcombine_s16(words, words)));
    const uint32_t bytes = vget_lane_u32(codes, 0);
    __builtin_memcpy(p, &bytes, 4);
  }

  // Whole registers of codes.
  static constexpr int kBytes = 16;
  static I load_bytes(const uint8_t* p) { return vreinterpretq_s32_u8(vld1q_u8(p)); }
  static void store_bytes(uint8_t* p, I v) { vst1q_u8(p, vreinterpretq_u8_s32(v)); }
  static I set_bytes(int8_t v) { return vreinterpretq_s32_s8(vdupq_n_s8(v)); }
  static I max_u8(I a, I b) { return of(vmaxq_u8(bytes(a), bytes(b))); }
  static I max_s8(I a, I b) { return vreinterpretq_s32_s8(vmaxq_s8(vreinterpretq_s8_s32(a), vreinterpretq_s8_s32(b))); }
  // The first n of kBytes codes, `fill` in the others; nothing else is read.
  static I load_bytes_first(const uint8_t* p, int64_t n, uint8_t fill) {
    uint8_t codes[kBytes];
    store_bytes(codes, set_bytes(static_cast<int8_t>(fill)));
    __builtin_memcpy(codes, p, static_cast<size_t>(n));
    return load_bytes(codes);
  }
  static I flip(I v) { return veorq_s32(v, set_bytes(-128)); }
  static I add_bytes(I a, I b) { return of(vaddq_u8(bytes(a), bytes(b))); }

  // Words of 16 bits, each of an even byte and the odd one above it; halves of a register become floats or numbers.
  static I set_words(int16_t v) { return vreinterpretq_s32_s16(vdupq_n_s16(v)); }
  static I add_words(I a, I b) { return of(vaddq_u16(words(a), words(b))); }
  static I sub_words(I a, I b) { return of(vsubq_u16(words(a), words(b))); }
  static I clamp_words(I v, I lo, I hi) {
    const int16x8_t least = vreinterpretq_s16_s32(lo), most = vreinterpretq_s16_s32(hi);
    return vreinterpretq_s32_s16(vminq_s16(vmaxq_s16(vreinterpretq_s16_s32(v), least), most));
  }
  static I odd(I v) { return of(vshrq_n_u16(words(v), 8)); }
  static I to_odd(I v) { return of(vshlq_n_u16(words(v), 8)); }
  static I merge(I even, I odd) { return of(vtrn1q_u8(bytes(even), bytes(odd))); }
  // 2^23 + word, as a float; word and number without a sign.
  static F low_floats(I v) { return vreinterpretq_f32_u16(vzip1q_u16(words(v), vdupq_n_u16(0x4B00))); }
  static F high_floats(I v) { return vreinterpretq_f32_u16(vzip2q_u16(words(v), vdupq_n_u16(0x4B00))); }
  static I low_numbers(I v) { return vreinterpretq_s32_u32(vmovl_u16(vget_low_u16(words(v)))); }
  static I high_numbers(I v) { return vreinterpretq_s32_u32(vmovl_high_u16(words(v))); }
  static I to_words(F low, F high) {
    return vreinterpretq_s32_s16(vqmovn_high_s32(vqmovn_s32(vcvtnq_s32_f32(low)), vcvtnq_s32_f32(high)));
  }

  // A table of 256 floats.
  struct Powers {
    static constexpr int kStep = 16;
    const float* table;

    explicit Powers(const float* from) : table(from) {}
    // Of kStep differences most - code, in the order of the codes.
    void look_up(const uint8_t* x, uint8_t most, F* out) const {
      const auto power = [&](int i) { return table + static_cast<uint8_t>(most - x[i]); };
#pragma GCC unroll 4
      for (int i = 0; i < 4; i++) {
        F v = vld1q_dup_f32(power(4 * i));
        v = vld1q_lane_f32(power(4 * i + 1), v, 1);
        v = vld1q_lane_f32(power(4 * i + 2), v, 2);
        out[i] = vld1q_lane_f32(power(4 * i + 3), v, 3);
      }
    }
  };

  // Adds four neighbouring codes to each lane of the sum, and their squares to the lanes of the other two.
  static void add_fours(I codes, I* sum, I* even, I* odd_) {
    const uint16x8_t low = vandq_u16(words(codes), vdupq_n_u16(0xFF)), high = vshrq_n_u16(words(codes), 8);
    *sum = of(vpadalq_u16(lanes(*sum), vpaddlq_u8(bytes(codes))));
    *even = of(vpadalq_u16(lanes(*even), vmulq_u16(low, low)));
    *odd_ = of(vpadalq_u16(lanes(*odd_), vmulq_u16(high, high)));
  }
  // Of lanes without a sign.
  static int64_t total(I v) { return static_cast<int64_t>(vaddlvq_u32(lanes(v))); }

  // Across the lanes.
  static float min_lane(F v) { return vminvq_f32(v); }
  static float max_lane(F v) { return vmaxvq_f32(v); }
  // The upper half to the lower, until one is left.
  static float sum_lanes(F v) {
    const float32x2_t h = vadd_f32(vget_low_f32(v), vget_high_f32(v));
    return vget_lane_f32(h, 0) + vget_lane_f32(h, 1);
  }

 private:
  static uint8x16_t bytes(I v) { return vreinterpretq_u8_s32(v); }
  static uint16x8_t words(I v) { return vreinterpretq_u16_s32(v); }
  static uint32x4_t lanes(I v) { return vreinterpretq_u32_s32(v); }
  static I of(uint32x4_t v) { return vreinterpretq_s32_u32(v); }
  static I of(uint8x16_t v) { return vreinterpretq_s32_u8(v); }
  static I of(uint16x8_t v) { return vreinterpretq_s32_u16(v); }
  static uint32_t four(const uint8_t* p) {
    uint32_t v;
    __builtin_memcpy(&v, p, 4);
    return v;
  }
  static uint32_t four(const int8_t* p) { return four(reinterpret_cast<const uint8_t*>(p)); }
};

[[maybe_unused]] inline uint8_t largest_u8(V::I v) { return vmaxvq_u8(vreinterpretq_u8_s32(v)); }

// Narrow registers of codes, for layers of few channels.
using Half = V;
using Bytes16 = V;

struct Bytes8 : V {
  static constexpr int kBytes = 8;
  static I load_bytes(const uint8_t* p) { return vreinterpretq_s32_u8(vcombine_u8(vld1_u8(p), vdup_n_u8(0))); }
  static void store_bytes(uint8_t* p, I v) { vst1_u8(p, vget_low_u8(vreinterpretq_u8_s32(v))); }
};

}  // namespace

#endif  // OCTET_KERNELS_NEON_VECTOR_H_
