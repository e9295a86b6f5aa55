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

// pixel(x, out) for each output: the first tap of its window, and its place.
template <typename T, typename Pixel>
inline void for_pixels(const T* x, const OctetWindow& w, T* out, const Pixel& pixel) {
  for (int64_t l = 0; l < w.lines; l++, x += w.line_stride, out += w.out_stride) {
    for (int64_t p = 0; p < w.pixels; p++) pixel(x + p * w.pixel_stride, out + p * w.channels);
  }
}

// take(tap) for each valid tap of the window at x, row by row.
template <typename T, typename Take>
inline void for_taps(const T* x, const OctetWindow& w, const Take& take) {
  for (int64_t y = 0; y < w.ny; y++) {
    const T* tap = x + y * w.row_stride;
    for (int64_t k = 0; k < w.nx; k++, tap += w.column_stride) take(tap);
  }
}

// ---- codes ------------------------------------------------------------------------------------------------------

// What a pool of codes gathers from taps (take), and from what other columns of its window have gathered (join).
template <typename B, bool kSigned>
struct Largest {
  using Registers = B;
  typename B::I best = B::set_bytes(kSigned ? -128 : 0);

  void take(const uint8_t* tap) { take(B::load_bytes(tap)); }
  void take(typename B::I codes) { best = kSigned ? B::max_s8(best, codes) : B::max_u8(best, codes); }
  void join(const Largest& other) { take(other.best); }
};

// Sums of at most kMostTaps codes in 16 bits, without unpacking them: of whole words, modulo 2^16, and of their odd bytes,
// which leaves those of the even ones. Codes of s8 are 128 larger.
template <typename B, bool kSigned>
struct Sum {
  using Registers = B;
  typename B::I words = B::set_words(0), odd = B::set_words(0);

  void take(const uint8_t* tap) {
    const typename B::I codes = kSigned ? B::flip(B::load_bytes(tap)) : B::load_bytes(tap);
    words = B::add_words(words, codes);
    odd = B::add_words(odd, B::odd(codes));
  }
  void join(const Sum& other) {
    words = B::add_words(words, other.words);
    odd = B::add_words(odd, other.odd);
  }
  typename B::I even() const { return B::sub_words(words, B::to_odd(odd)); }
};
constexpr int64_t kMostTaps = 256;

// Windows of kHeight x kWidth taps, one kStep columns further than the other: columns are gathered once for all windows
// that have them. Windows and what stores them are copies, so that the stores of codes are seen not to change them.
template <typename Gather, int kHeight, int kWidth, int kStep, typename Store>
inline void slide(const uint8_t* x, const OctetWindow w, uint8_t* out, const Store store) {
  constexpr int kKept = kWidth - kStep;
  const auto column = [&](const uint8_t* top) {
    Gather g;
#pragma GCC unroll 4
    for (int y = 0; y < kHeight; y++) g.take(top + y * w.row_stride);
    return g;
  };
  // No array: the compiler would keep it in memory.
  Gather a, b;
  if (kKept > 0) a = column(x);
  if (kKept > 1) b = column(x + w.column_stride);
  for (int64_t p = 0; p < w.pixels; p++, x += w.pixel_stride, out += w.channels) {
    const Gather first = kKept > 0 ? a : column(x), second = kKept > 1 ? b : column(x + w.column_stride);
    const Gather last = kWidth > 2 ? column(x + 2 * w.column_stride) : second;
    Gather all = first;
    all.join(second);
    if (kWidth > 2) all.join(last);
    store(out, all);
    a = kKept > 1 ? second : last;
    b = last;
  }
}

// store(out, what a window has gathered) for vectors of channels of all outputs; there is at least one vector of them.
template <typename Gather, typename Store>
inline void gather(const uint8_t* image, const OctetWindow w, uint8_t* image_out, const Store store) {
  const int64_t step = w.pixel_stride == w.column_stride ? 1 : w.pixel_stride == 2 * w.column_stride ? 2 : 0;
  const int64_t kind = w.pixels > 1 ? 100 * w.ny + 10 * w.nx + step : 0;
  for (int64_t l = 0; l < w.lines; l++, image += w.line_stride, image_out += w.out_stride) {
    const auto vector = [&](int64_t c) {
      const uint8_t* x = image + c;
      uint8_t* out = image_out + c;
      if (kind == 331) return slide<Gather, 3, 3, 1>(x, w, out, store);
      if (kind == 332) return slide<Gather, 3, 3, 2>(x, w, out, store);
      if (kind == 222) return slide<Gather, 2, 2, 2>(x, w, out, store);
      for (int64_t p = 0; p < w.pixels; p++, x += w.pixel_stride, out += w.channels) {
        Gather all;
        for_taps(x, w, [&](const uint8_t* tap) { all.take(tap); });
        store(out, all);
      }
    };
    for_channels<Gather::Registers::kBytes>(w.channels, vector, [](int) {});
  }
}

template <typename B, bool kSigned>
inline void maxpool_codes(const uint8_t* x, const OctetWindow& w, uint8_t* out) {
  gather<Largest<B, kSigned>>(
      x, w, out, [](uint8_t* to, const Largest<B, kSigned>& largest) { B::store_bytes(to, largest.best); });
}

template <bool kSigned>
void maxpool_q8(const uint8_t* x, const OctetWindow* window, uint8_t* out) {
  const OctetWindow& w = *window;
  if (w.channels >= V::kBytes) return maxpool_codes<V, kSigned>(x, w, out);
  if (w.channels >= Half::kBytes) return maxpool_codes<Half, kSigned>(x, w, out);
  if (w.channels >= 16) return maxpool_codes<Bytes16, kSigned>(x, w, out);
  if (w.channels >= 8) return maxpool_codes<Bytes8, kSigned>(x, w, out);
  for_pixels(x, w, out, [&](const uint8_t* from, uint8_t* to) {
    for (int c = 0; c < w.channels; c++) {
      int best = kSigned ? -128 : 0;
      for_taps(from + c, w, [&](const uint8_t* tap) {
        const int code = kSigned ? static_cast<int8_t>(*tap) : *tap;
        best = code > best ? code : best;
      });
      to[c] = static_cast<uint8_t>(best);
    }
  });
}

// From sums to codes. Averages of at most kMostTaps codes are clamped as words after they are rounded, since they cannot
// leave the range of an int32; others as floats.
template <typename B>
struct Average {
  using I = typename B::I;
  using F = typename B::F;
  F inverse, shift, lo, hi, taken_off;
  I low, high, after, minus;

  // offset: of all taps of a window, the codes' own included.
  Average(const OctetAveragePoolParams& p, int32_t offset)
      : inverse(B::set(p.inv_count)),
        shift(B::set(p.shift)),
        lo(B::set(p.lo)),
        hi(B::set(p.hi)),
        taken_off(B::set(8388608.0f + static_cast<float>(offset))),
        low(B::set_words(static_cast<int16_t>(p.lo))),
        high(B::set_words(static_cast<int16_t>(p.hi))),
        after(B::set_bytes(static_cast<int8_t>(p.offset))),
        minus(B::set(offset)) {}

  F scaled(F sum) const { return B::add(B::mul(sum, inverse), shift); }
  // Of 16 bits.
  I words(I sums) const {
    const F a = scaled(B::sub(B::low_floats(sums), taken_off)), b = scaled(B::sub(B::high_floats(sums), taken_off));
    return B::clamp_words(B::to_words(a, b), low, high);
  }
  // Of 32 bits, in halves.
  F clamped(I sums) const { return B::min(B::max(scaled(B::to_float(B::sub(sums, minus))), lo), hi); }
  I words(I a, I b) const { return B::to_words(clamped(a), clamped(b)); }
  void store(uint8_t* out, I even, I odd) const { B::store_bytes(out, B::add_bytes(B::merge(even, odd), after)); }
};

// Windows of more than kMostTaps: sums of words are moved into sums of 32 bits in time.
template <typename B, bool kSigned>
inline void average_large(const uint8_t* x, const OctetWindow& w, const Average<B>& average, uint8_t* out) {
  for_pixels(x, w, out, [&](const uint8_t* from, uint8_t* to) {
    for_channels<B::kBytes>(
        w.channels,
        [&](int64_t c) {
          typename B::I sums[4] = {B::set(0), B::set(0), B::set(0), B::set(0)};
          Sum<B, kSigned> held, more;
          int64_t taps = 0;
          const auto flush = [&] {
            held.join(more);
            const typename B::I even = held.even(), odd = held.odd;
            sums[0] = B::add(sums[0], B::low_numbers(even));
            sums[1] = B::add(sums[1], B::high_numbers(even));
            sums[2] = B::add(sums[2], B::low_numbers(odd));
            sums[3] = B::add(sums[3], B::high_numbers(odd));
            held = more = Sum<B, kSigned>();
            taps = 0;
          };
          for (int64_t y = 0; y < w.ny; y++) {
            const uint8_t* tap = from + c + y * w.row_stride;
            for (int64_t left = w.nx; left > 0;) {
              const int64_t n = left < kMostTaps - taps ? left : kMostTaps - taps;
              int64_t k = 0;
              for (; k + 2 <= n; k += 2, tap += 2 * w.column_stride) {
                held.take(tap);
                more.take(tap + w.column_stride);
              }
              if (k < n) {
                held.take(tap);
                tap += w.column_stride;
              }
              left -= n;
              taps += n;
              if (taps == kMostTaps) flush();
            }
          }
          flush();
          average.store(to + c, average.words(sums[0], sums[1]), average.words(sums[2], sums[3]));
        },
        [](int) {});
  });
}

template <typename B, bool kSigned>
inline void avgpool_codes(const uint8_t* x, const OctetWindow& w, const OctetAveragePoolParams& p, uint8_t* out) {
  const int64_t taps = w.ny * w.nx;
  const Average<B> average(p, static_cast<int32_t>(taps) * (p.zero_point + (kSigned ? 128 : 0)));
  if (taps > kMostTaps) return average_large<B, kSigned>(x, w, average, out);
  gather<Sum<B, kSigned>>(x, w, out, [average](uint8_t* to, const Sum<B, kSigned>& sum) {
    average.store(to, average.words(sum.even()), average.words(sum.odd));
  });
}

template <typename T>
void avgpool_q8(const uint8_t* x, const OctetWindow* window, const OctetAveragePoolParams* p, uint8_t* out) {
  constexpr bool kSigned = T(-1) < T(0);
  const OctetWindow& w = *window;
  if (w.channels >= V::kBytes) return avgpool_codes<V, kSigned>(x, w, *p, out);
  if (w.channels >= Half::kBytes) return avgpool_codes<Half, kSigned>(x, w, *p, out);
  if (w.channels >= 16) return avgpool_codes<Bytes16, kSigned>(x, w, *p, out);
  if (w.channels >= 8) return avgpool_codes<Bytes8, kSigned>(x, w, *p, out);
  const int32_t offset = static_cast<int32_t>(w.ny * w.nx) * p->zero_point;
  for_pixels(x, w, out, [&](const uint8_t* from, uint8_t* to) {
    for (int c = 0; c < w.channels; c++) {
      int32_t sum = 0;
      for_taps(from + c, w, [&](const uint8_t* tap) { sum += static_cast<T>(*tap); });
      const float t = static_cast<float>(sum - offset) * p->inv_count + p->shift;
      to[c] = scalar::to_code(t, p->lo, p->hi, p->offset);
    }
  });
}

// ---- float ------------------------------------------------------------------------------------------------------

// A window of kNy x kNx taps.
template <int kNy, int kNx>
struct Window {
  static constexpr int kTaps = kNy * kNx;

  static bool is(const OctetWindow& w) { return w.ny == kNy && w.nx == kNx; }

  // x > acc || x != x ? x : acc, tap by tap; it does not matter which NaN stands.
  static V::F largest(const float* x, const OctetWindow& w) {
    const auto tap = [&](int i) { return V::load(x + i / kNx * w.row_stride + i % kNx * w.column_stride); };
    V::F best = tap(0);
    V::Mask nan = V::either_nan(best, tap(kTaps - 1));
#pragma GCC unroll 9
    for (int i = 1; i < kTaps; i++) {
      best = V::max(tap(i), best);
      if (i % 2 == 0) nan = V::either(nan, V::either_nan(tap(i - 1), tap(i)));
    }
    return V::select(nan, V::set(__builtin_nanf("")), best);
  }
};

template <typename W>
inline void maxpool_window(const float* x, const OctetWindow& w, float* out) {
  for_pixels(x, w, out, [&](const float* from, float* to) {
    for_channels<V::kLanes>(
        w.channels, [&](int64_t c) { V::store(to + c, W::largest(from + c, w)); }, [](int) {});
  });
}

inline void OCTET_SYMBOL(maxpool_f32)(const float* x, const OctetWindow* window, float* out) {
  const OctetWindow& w = *window;
  if (w.channels >= V::kLanes) {
    if (Window<3, 3>::is(w)) return maxpool_window<Window<3, 3>>(x, w, out);
    if (Window<2, 2>::is(w)) return maxpool_window<Window<2, 2>>(x, w, out);
  }
  const V::F lowest = V::set(-__builtin_inff());
  for_pixels(x, w, out, [&](const float* from, float* to) {
    for_channels<V::kLanes>(
        w.channels,
        [&](int64_t c) {
          V::F acc = lowest;
          for_taps(from + c, w, [&](const float* tap) {
            const V::F v = V::load(tap);
            acc = V::select_nan(v, v, V::max(v, acc));
          });
          V::store(to + c, acc);
        },
        [&](int count) {
          V::F acc = lowest;
          for_taps(from, w, [&](const float* tap) {
            const V::F v = V::load_first(tap, count, lowest);
            acc = V::select_nan(v, v, V::max(v, acc));
          });
          V::store_first(to, acc, count);
        });
  });
}

inline void OCTET_SYMBOL(avgpool_f32)(const float* x, const OctetWindow* window, float count, float* out) {
  const OctetWindow& w = *window;
  const V::F n = V::set(count);
  for_pixels(x, w, out, [&](const float* from, float* to) {
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
  });
}

}  // namespace
