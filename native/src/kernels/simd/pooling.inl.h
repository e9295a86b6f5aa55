// The pooling kernels over the traits V of the ISA that includes this: vectors over channels, the window inside.
// Channels left over go one vector further back, over channels already done (the same numbers again); too few for a
// vector go into a part of one.
#include "kernels/pooling.h"
#include "kernels/scalar.h"

namespace {

// vector(c) for all channels, in steps of kStep; few(channels) where there are less.
template <int kStep, typename Vector, typename Few>
inline void for_channels(int64_t channels, const Vector& vector, const Few& few) {
  if (channels < kStep) return few(static_cast<int>(channels));
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

// B: registers of codes; fewer channels than it has bytes go one by one.
template <typename B, bool kSigned>
inline void maxpool_codes(const uint8_t* x, const OctetWindow& w, uint8_t* out) {
  constexpr int8_t kLowest = kSigned ? -128 : 0;
  for (int64_t p = 0; p < w.pixels; p++) {
    const uint8_t* from = x + p * w.pixel_stride;
    uint8_t* to = out + p * w.channels;
    for_channels<B::kBytes>(
        w.channels,
        [&](int64_t c) {
          typename B::I acc = B::set_bytes(kLowest);
          for_taps(from + c, w, [&](const uint8_t* tap) {
            acc = kSigned ? B::max_s8(acc, B::load_bytes(tap)) : B::max_u8(acc, B::load_bytes(tap));
          });
          B::store_bytes(to + c, acc);
        },
        [&](int count) {
          for (int c = 0; c < count; c++) {
            int best = kLowest;
            for_taps(from + c, w, [&](const uint8_t* tap) {
              const int code = kSigned ? static_cast<int8_t>(*tap) : *tap;
              best = code > best ? code : best;
            });
            to[c] = static_cast<uint8_t>(best);
          }
        });
  }
}

template <bool kSigned>
void maxpool_q8(const uint8_t* x, const OctetWindow* window, uint8_t* out) {
  const OctetWindow& w = *window;
  w.channels >= V::kBytes ? maxpool_codes<V, kSigned>(x, w, out)
  : w.channels >= 16      ? maxpool_codes<Bytes16, kSigned>(x, w, out)
                          : maxpool_codes<Bytes8, kSigned>(x, w, out);
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
        [&](int count) {
          const V::F lowest = V::set(-__builtin_inff());
          V::F acc = lowest;
          for_taps(from, w, [&](const float* tap) {
            const V::F v = V::load_first(tap, count, lowest);
            acc = V::select_nan(v, V::select_nan(acc, acc, v), V::max(v, acc));
          });
          V::store_first(to, acc, count);
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
        [&](int count) {
          V::I acc = V::set(0);
          for_taps(from, w, [&](const T* tap) { acc = V::add(acc, V::widen_first(tap, count)); });
          const V::F t = V::add(V::mul(V::to_float(V::sub(acc, minus)), inv), shift);
          uint8_t codes[V::kLanes];
          V::store_codes(codes, V::add(V::to_int(V::min(V::max(t, lo), hi)), after));
          for (int c = 0; c < count; c++) to[c] = codes[c];
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
        [&](int lanes) {
          V::F acc = V::set(0.0f);
          for_taps(from, w, [&](const float* tap) { acc = V::add(acc, V::load_first(tap, lanes, V::set(0.0f))); });
          V::store_first(to, V::div(acc, n), lanes);
        });
  }
}

}  // namespace
