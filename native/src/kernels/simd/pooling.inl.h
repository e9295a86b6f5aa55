// The pooling kernels over the traits V of the ISA that includes this: vectors over channels, the window inside.
// Channels left over go one vector further back, over channels already done (the same numbers again), or one by one
// when there are too few for a vector.
#include "kernels/pooling.h"
#include "kernels/scalar.h"

namespace {

// vector(c) and single(c) for all channels, in steps of kStep.
template <int kStep, typename Vector, typename Single>
inline void for_channels(int64_t channels, const Vector& vector, const Single& single) {
  if (channels < kStep) {
    for (int64_t c = 0; c < channels; c++) single(c);
    return;
  }
  int64_t c = 0;
  for (; c + kStep <= channels; c += kStep) vector(c);
  if (c < channels) vector(channels - kStep);
}

// take(tap) for each valid tap of the window at x, row by row.
template <typename T, typename Take>
inline void for_taps(const T* x, const OctetWindow& w, const Take& take) {
  for (int64_t y = 0; y < w.ny; y++) {
    const T* tap = x + y * w.row_stride;
    for (int64_t k = 0; k < w.nx; k++, tap += w.column_stride) take(tap);
  }
}

template <bool kSigned>
void maxpool_q8(const uint8_t* x, const OctetWindow* window, uint8_t* out) {
  const OctetWindow& w = *window;
  constexpr int8_t kLowest = kSigned ? -128 : 0;
  for (int64_t p = 0; p < w.pixels; p++) {
    const uint8_t* from = x + p * w.pixel_stride;
    uint8_t* to = out + p * w.channels;
    for_channels<V::kBytes>(
        w.channels,
        [&](int64_t c) {
          V::I acc = V::set_bytes(kLowest);
          for_taps(from + c, w, [&](const uint8_t* tap) {
            acc = kSigned ? V::max_s8(acc, V::load_bytes(tap)) : V::max_u8(acc, V::load_bytes(tap));
          });
          V::store_bytes(to + c, acc);
        },
        [&](int64_t c) {
          int best = kLowest;
          for_taps(from + c, w, [&](const uint8_t* tap) {
            const int code = kSigned ? static_cast<int8_t>(*tap) : *tap;
            best = code > best ? code : best;
          });
          to[c] = static_cast<uint8_t>(best);
        });
  }
}

inline void OCTET_SYMBOL(maxpool_f32)(const float* x, const OctetWindow* window, float* out) {
  const OctetWindow& w = *window;
  for (int64_t p = 0; p < w.pixels; p++) {
    const float* from = x + p * w.pixel_stride;
    float* to = out + p * w.channels;
    for_channels<V::kLanes>(
        w.channels,
        [&](int64_t c) {
          V::F acc = V::set(-__builtin_inff());
          for_taps(from + c, w, [&](const float* tap) {
            const V::F v = V::load(tap);
            acc = V::select_nan(v, V::select_nan(acc, acc, v), V::max(v, acc));
          });
          V::store(to + c, acc);
        },
        [&](int64_t c) {
          float acc = -__builtin_inff();
          for_taps(from + c, w, [&](const float* tap) { acc = *tap > acc || *tap != *tap ? *tap : acc; });
          to[c] = acc;
        });
  }
}

template <typename T>
void avgpool_q8(const uint8_t* x, const OctetWindow* window, const OctetAveragePoolParams* p, uint8_t* out) {
  const OctetWindow& w = *window;
  const int32_t offset = static_cast<int32_t>(w.ny * w.nx) * p->zero_point;
  const V::F inv = V::set(p->inv_count), shift = V::set(p->shift), lo = V::set(p->lo), hi = V::set(p->hi);
  const V::I after = V::set(p->offset), minus = V::set(offset);
  for (int64_t i = 0; i < w.pixels; i++) {
    const T* from = reinterpret_cast<const T*>(x) + i * w.pixel_stride;
    uint8_t* to = out + i * w.channels;
    for_channels<V::kLanes>(
        w.channels,
        [&](int64_t c) {
          V::I acc = V::set(0);
          for_taps(from + c, w, [&](const T* tap) { acc = V::add(acc, V::widen(tap)); });
          const V::F t = V::add(V::mul(V::to_float(V::sub(acc, minus)), inv), shift);
          V::store_codes(to + c, V::add(V::to_int(V::min(V::max(t, lo), hi)), after));
        },
        [&](int64_t c) {
          int32_t acc = 0;
          for_taps(from + c, w, [&](const T* tap) { acc += *tap; });
          to[c] = scalar::to_code(static_cast<float>(acc - offset) * p->inv_count + p->shift, p->lo, p->hi, p->offset);
        });
  }
}

inline void OCTET_SYMBOL(avgpool_f32)(const float* x, const OctetWindow* window, float count, float* out) {
  const OctetWindow& w = *window;
  const V::F n = V::set(count);
  for (int64_t p = 0; p < w.pixels; p++) {
    const float* from = x + p * w.pixel_stride;
    float* to = out + p * w.channels;
    for_channels<V::kLanes>(
        w.channels,
        [&](int64_t c) {
          V::F acc = V::set(0.0f);
          for_taps(from + c, w, [&](const float* tap) { acc = V::add(acc, V::load(tap)); });
          V::store(to + c, V::div(acc, n));
        },
        [&](int64_t c) {
          float acc = 0;
          for_taps(from + c, w, [&](const float* tap) { acc += *tap; });
          to[c] = acc / count;
        });
  }
}

}  // namespace
