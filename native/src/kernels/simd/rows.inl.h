// The row kernels over the traits V of the ISA that includes this. A sum of 16 lanes is kept in as many registers as
// 16 floats take; several rows go at a time, since one row's additions wait for each other.
#include "kernels/rows.h"
#include "kernels/scalar.h"
#include "kernels/simd/elementwise.inl.h"

namespace {

struct Sum16 {
  static constexpr int kParts = 16 / V::kLanes;
  V::F part[kParts];

  Sum16() {
#pragma GCC unroll 4
    for (V::F& p : part) p = V::set(0.0f);
  }
  float total() {
#pragma GCC unroll 2
    for (int n = kParts / 2; n > 0; n /= 2) {
#pragma GCC unroll 2
      for (int i = 0; i < n; i++) part[i] = V::add(part[i], part[i + n]);
    }
    return V::sum_lanes(part[0]);
  }
};

// body(first, count, part) for the vectors of n elements, in the order of the lanes; count < kLanes at the end only.
template <typename Body>
inline void for_vectors(int64_t n, const Body& body) {
  int64_t i = 0;
  for (; i + 16 <= n; i += 16) {
#pragma GCC unroll 4
    for (int k = 0; k < Sum16::kParts; k++) body(i + k * V::kLanes, V::kLanes, k);
  }
  if (i == n) return;
#pragma GCC unroll 4
  for (int k = 0; k < Sum16::kParts; k++) {
    const int64_t at = i + k * V::kLanes;
    if (at < n) body(at, static_cast<int>(n - at < V::kLanes ? n - at : V::kLanes), k);
  }
}

inline V::F load(const float* p, int count, V::F fill) {
  return count == V::kLanes ? V::load(p) : V::load_first(p, count, fill);
}

inline void store(float* p, V::F v, int count) { count == V::kLanes ? V::store(p, v) : V::store_first(p, v, count); }

// ---- softmax ----------------------------------------------------------------------------------------------------

inline float largest(const float* x, int64_t n) {
  const V::F lowest = V::set(-__builtin_inff());
  V::F best[4] = {lowest, lowest, lowest, lowest};
  int64_t i = 0;
  for (; i + kBlock <= n; i += kBlock) {
#pragma GCC unroll 4
    for (int k = 0; k < 4; k++) best[k] = V::max(V::load(x + i + k * V::kLanes), best[k]);
  }
  for (; i < n; i += V::kLanes) {
    best[0] = V::max(load(x + i, static_cast<int>(n - i < V::kLanes ? n - i : V::kLanes), lowest), best[0]);
  }
  return V::max_lane(V::max(V::max(best[0], best[1]), V::max(best[2], best[3])));
}

// The largest of n > 0 codes; those of s8 are compared as if 128 larger.
template <typename T>
inline uint8_t largest_code(const uint8_t* x, int64_t n) {
  constexpr bool kSigned = T(-1) < T(0);
  const auto bytes = [](V::I codes) { return kSigned ? V::flip(codes) : codes; };
  V::I codes;
  if (n < V::kBytes) {
    codes = bytes(V::load_bytes_first(x, n, kSigned ? 0x80 : 0));
  } else {
    codes = bytes(V::load_bytes(x + n - V::kBytes));
    for (int64_t i = 0; i + V::kBytes < n; i += V::kBytes) codes = V::max_u8(codes, bytes(V::load_bytes(x + i)));
  }
  return static_cast<uint8_t>(largest_u8(codes) ^ (kSigned ? 0x80 : 0));
}

inline void OCTET_SYMBOL(softmax_f32)(const float* x, int64_t rows, int64_t n, float* out) {
  for (int64_t r = 0; r < rows; r++, x += n, out += n) {
    const V::F most = V::set(largest(x, n)), lowest = V::set(-__builtin_inff());
    Sum16 sum;
    for_vectors(n, [&](int64_t i, int count, int k) {
      const V::F e = exp_or_zero(V::sub(load(x + i, count, lowest), most));
      sum.part[k] = V::add(sum.part[k], e);
      store(out + i, e, count);
    });
    const V::F factor = V::set(1.0f / sum.total());
    for_vectors(
        n, [&](int64_t i, int count, int) { store(out + i, V::mul(load(out + i, count, factor), factor), count); });
  }
}

// The powers of a row's codes, which depend on the difference to the largest, so that there is a table of them; their sum.
// Whole steps are stored.
template <typename T>
inline float powers_of(const uint8_t* x, int64_t n, const V::Powers& powers, float* out) {
  constexpr int kStep = V::Powers::kStep, kParts = kStep / V::kLanes;
  const uint8_t most = largest_code<T>(x, n);
  Sum16 sum;
  V::F e[kParts];
  int64_t i = 0;
  for (; i + kStep <= n; i += kStep) {
    powers.look_up(x + i, most, e);
#pragma GCC unroll 4
    for (int k = 0; k < kParts; k++) {
      V::store(out + i + k * V::kLanes, e[k]);
      sum.part[k % Sum16::kParts] = V::add(sum.part[k % Sum16::kParts], e[k]);
    }
  }
  if (i < n) {
    uint8_t tail[kStep] = {};
    copy(tail, x + i, n - i);
    powers.look_up(tail, most, e);
#pragma GCC unroll 4
    for (int k = 0; k < kParts; k++) V::store(out + i + k * V::kLanes, e[k]);
#pragma GCC unroll 4
    for (int k = 0; k < kParts; k++, i += V::kLanes) {
      if (i >= n) break;
      const int count = static_cast<int>(n - i < V::kLanes ? n - i : V::kLanes);
      sum.part[k % Sum16::kParts] = V::add(sum.part[k % Sum16::kParts], load(out + i, count, V::set(0.0f)));
    }
  }
  return sum.total();
}

// Several rows at a time, so that the end of a row's sum is not waited for.
template <typename T>
void softmax_q8(const uint8_t* x, int64_t rows, int64_t n, const OctetSoftmaxParams* p, float* scratch, uint8_t* out) {
  const V::Powers powers(p->powers);
  const ToCodes to_codes(p->lo, p->hi, p->zero_point);
  const V::F inv = V::set(p->inv_out_scale);
  const int64_t stride = (n + 31) / 32 * 32, most = n <= 1024 ? kSoftmaxRows : 1;
  for (int64_t done = 0; done < rows; done += most) {
    const int count = static_cast<int>(rows - done < most ? rows - done : most);
    float factors[kSoftmaxRows];
    for (int r = 0; r < count; r++) factors[r] = 1.0f / powers_of<T>(x + r * n, n, powers, scratch + r * stride);
    for (int r = 0; r < count; r++, x += n, out += n) {
      const V::F factor = V::set(factors[r]);
      for_blocks(scratch + r * stride, n, out, [&](const float* from, uint8_t* to) {
        to_codes.store(to, [&](int k) { return V::mul(V::mul(V::load(from + k), factor), inv); });
      });
    }
  }
}

// ---- normalisation ----------------------------------------------------------------------------------------------

// Parts of images, one after the other; a part's row is `width` elements, the next pixel's `channels` further.
struct Parts {
  int64_t pixels, channels, groups, width;

  explicit Parts(const OctetGroupNormParams& p)
      : pixels(p.pixels), channels(p.channels), groups(p.groups), width(p.channels / p.groups) {}
  int64_t offset(int64_t part) const { return part / groups * pixels * channels + channel(part); }
  int64_t channel(int64_t part) const { return part % groups * width; }
};

// Means and factors of kRows parts at once.
template <int kRows>
inline void moments(const Parts& p, const float* const* x, float eps, scalar::Normalizer* out) {
  const float count = static_cast<float>(p.pixels * p.width);
  Sum16 sum[kRows], square[kRows];
  for (int64_t s = 0; s < p.pixels; s++) {
    for_vectors(p.width, [&](int64_t i, int n, int k) {
#pragma GCC unroll 4
      for (int r = 0; r < kRows; r++) {
        sum[r].part[k] = V::add(sum[r].part[k], load(x[r] + s * p.channels + i, n, V::set(0.0f)));
      }
    });
  }
  V::F mean[kRows];
#pragma GCC unroll 4
  for (int r = 0; r < kRows; r++) mean[r] = V::set(out[r].mean = sum[r].total() / count);
  for (int64_t s = 0; s < p.pixels; s++) {
    for_vectors(p.width, [&](int64_t i, int n, int k) {
#pragma GCC unroll 4
      for (int r = 0; r < kRows; r++) {
        const V::F d = V::sub(load(x[r] + s * p.channels + i, n, mean[r]), mean[r]);
        square[r].part[k] = V::fma(d, d, square[r].part[k]);
      }
    });
  }
#pragma GCC unroll 4
  for (int r = 0; r < kRows; r++) out[r].rstd = 1.0f / __builtin_sqrtf(square[r].total() / count + eps);
}

// The steps of a normalisation, x being what is less the zero point.
inline V::F normalized(V::F x, V::F mean, V::F rstd, V::F gamma, V::F beta) {
  return V::add(V::mul(V::mul(V::sub(x, mean), rstd), gamma), beta);
}

inline void normalize_part(const Parts& p, const float* x, const OctetGroupNormParams& params, int64_t channel,
                           scalar::Normalizer n, float* out) {
  const V::F mean = V::set(n.mean), rstd = V::set(n.rstd), lo = V::set(params.lo), hi = V::set(params.hi);
  const float *gamma = params.gamma + channel, *beta = params.beta + channel;
  for (int64_t s = 0; s < p.pixels; s++, x += p.channels, out += p.channels) {
    for_vectors(p.width, [&](int64_t i, int count, int) {
      const V::F y = normalized(load(x + i, count, mean), mean, rstd, some(gamma + i, count), some(beta + i, count));
      store(out + i, clamp(y, lo, hi), count);
    });
  }
}

// Narrow parts lie side by side in the registers: sums are kept for each channel of a block of whole parts, and those of a
// part are its lanes.
constexpr int kNarrowBlock = 128;

// sums[c] = add(value of channel c, sum) over the pixels, for n channels.
template <int N, typename Add>
inline void sum_columns(const Parts& p, const float* x, int count, float* sums, const Add& add) {
  V::F sum[N];
#pragma GCC unroll 4
  for (V::F& s : sum) s = V::set(0.0f);
  for (int64_t s = 0; s < p.pixels; s++, x += p.channels) {
#pragma GCC unroll 4
    for (int k = 0; k < N; k++) sum[k] = add(load(x + k * V::kLanes, count, V::set(0.0f)), sum[k], k * V::kLanes);
  }
#pragma GCC unroll 4
  for (int k = 0; k < N; k++) V::store(sums + k * V::kLanes, sum[k]);
}

template <typename Add>
inline void sum_columns(const Parts& p, const float* x, int64_t n, float* sums, const Add& add) {
  int64_t c = 0;
  const auto from = [&](V::F v, V::F sum, int k) { return add(v, sum, c + k); };
  for (; c + 4 * V::kLanes <= n; c += 4 * V::kLanes) sum_columns<4>(p, x + c, V::kLanes, sums + c, from);
  for (; c < n; c += V::kLanes) {
    const int count = static_cast<int>(n - c < V::kLanes ? n - c : V::kLanes);
    sum_columns<1>(p, x + c, count, sums + c, from);
  }
}

// The total of each part's sums, finished by `last`, in the place of each.
template <typename Last>
inline void total_parts(const Parts& p, int64_t n, float* sums, const Last& last) {
  for (int64_t c = 0; c < n; c += p.width) {
    Sum16 sum;
    for_vectors(p.width, [&](int64_t i, int count, int k) {
      sum.part[k] = count == V::kLanes ? V::load(sums + c + i) : V::load_first(sums + c + i, count, V::set(0.0f));
    });
    const float value = last(sum.total());
    for (int64_t i = c; i < c + p.width; i++) sums[i] = value;
  }
}

inline void narrow_norm(const Parts& p, const float* image, const OctetGroupNormParams& params, float* image_out) {
  const float size = static_cast<float>(p.pixels * p.width);
  const V::F lo = V::set(params.lo), hi = V::set(params.hi);
  const int64_t block = kNarrowBlock / p.width * p.width;
  for (int64_t first = 0; first < p.channels; first += block) {
    const int64_t n = p.channels - first < block ? p.channels - first : block;
    const float* const x = image + first;
    float mean[kNarrowBlock + 16] = {}, rstd[kNarrowBlock + 16];
    sum_columns(p, x, n, mean, [](V::F v, V::F sum, int64_t) { return V::add(sum, v); });
    total_parts(p, n, mean, [=](float sum) { return sum / size; });
    sum_columns(p, x, n, rstd, [&](V::F v, V::F sum, int64_t c) {
      const V::F d = V::sub(v, V::load(mean + c));
      return V::fma(d, d, sum);
    });
    total_parts(p, n, rstd, [&](float sum) { return 1.0f / __builtin_sqrtf(sum / size + params.eps); });
    for (int64_t c = 0; c < n; c += V::kLanes) {
      const int count = static_cast<int>(n - c < V::kLanes ? n - c : V::kLanes);
      const V::F m = V::load(mean + c), r = V::load(rstd + c);
      const V::F gamma = some(params.gamma + first + c, count), beta = some(params.beta + first + c, count);
      for (int64_t s = 0; s < p.pixels; s++) {
        const int64_t at = s * p.channels + c;
        const V::F y = normalized(load(x + at, count, V::set(0.0f)), m, r, gamma, beta);
        store(image_out + first + at, clamp(y, lo, hi), count);
      }
    }
  }
}

inline void OCTET_SYMBOL(group_norm_f32)(const float* x, int64_t images, const OctetGroupNormParams* params,
                                         float* out) {
  const Parts p(*params);
  if (p.width <= 16) {
    for (int64_t i = 0; i < images; i++) {
      narrow_norm(p, x + p.offset(i * p.groups), *params, out + p.offset(i * p.groups));
    }
    return;
  }
  constexpr int kRows = 4;
  const int64_t parts = images * p.groups;
  int64_t i = 0;
  while (i < parts) {
    const int rows = parts - i >= kRows ? kRows : 1;
    const float* from[kRows];
    scalar::Normalizer n[kRows];
    for (int r = 0; r < rows; r++) from[r] = x + p.offset(i + r);
    rows == kRows ? moments<kRows>(p, from, params->eps, n) : moments<1>(p, from, params->eps, n);
    for (int r = 0; r < rows; r++, i++) {
      normalize_part(p, from[r], *params, p.channel(i), n[r], out + p.offset(i));
    }
  }
}

// Exact sums of codes and of their squares, in lanes of four codes, kept in 32 bits for as long as they fit. Codes of s8 are
// 128 larger.
struct CodeSums {
  static constexpr int kLongest = 16384;  // times 4 * 255^2 is below 2^32
  V::I sum = V::set(0), even = V::set(0), odd = V::set(0);

  void take(V::I codes) { V::add_fours(codes, &sum, &even, &odd); }
  void join(const CodeSums& other) {
    sum = V::add(sum, other.sum);
    even = V::add(even, other.even);
    odd = V::add(odd, other.odd);
  }
};

// The codes less the zero point.
template <typename T>
struct CodeMoments {
  static constexpr bool kSigned = T(-1) < T(0);
  int64_t sum = 0, square = 0;

  // Register of n codes (others count as 0).
  static V::I load(const uint8_t* x, int64_t n) {
    const V::I codes = n < V::kBytes ? V::load_bytes_first(x, n, kSigned ? 0x80 : 0) : V::load_bytes(x);
    return kSigned ? V::flip(codes) : codes;
  }
  void take(const CodeSums& sums) {
    sum += V::total(sums.sum);
    square += V::total(sums.even) + V::total(sums.odd);
  }
  scalar::Normalizer normalizer(int64_t n, const OctetGroupNormParams& params) const {
    const int64_t zero = params.zero_point_in + (kSigned ? 128 : 0);
    return scalar::normalizer(n, sum - n * zero, square - 2 * zero * sum + n * zero * zero, params.scale, params.eps);
  }
};

template <typename T>
inline scalar::Normalizer code_moments(const Parts& p, const uint8_t* x, const OctetGroupNormParams& params) {
  CodeMoments<T> moments;
  CodeSums held;
  int count = 0;
  for (int64_t s = 0; s < p.pixels; s++, x += p.channels) {
    for (int64_t i = 0; i < p.width; i += V::kBytes) {
      held.take(CodeMoments<T>::load(x + i, p.width - i));
      if (++count < CodeSums::kLongest / 2) continue;
      moments.take(held);
      held = CodeSums();
      count = 0;
    }
  }
  moments.take(held);
  return moments.normalizer(p.pixels * p.width, params);
}

// The moments of narrow parts: n codes a pixel, of whole parts whose width is a multiple of four.
template <typename T>
inline void narrow_moments(const Parts& p, const uint8_t* image, int64_t n, CodeMoments<T>* parts) {
  for (int64_t c = 0; c < n; c += V::kBytes) {
    const auto load = [&](int64_t s) { return CodeMoments<T>::load(image + s * p.channels + c, n - c); };
    for (int64_t s = 0; s < p.pixels;) {
      const int64_t end = p.pixels - s < CodeSums::kLongest ? p.pixels : s + CodeSums::kLongest;
      CodeSums a, b;
      for (; s + 2 <= end; s += 2) a.take(load(s)), b.take(load(s + 1));
      if (s < end) a.take(load(s++));
      a.join(b);
      uint32_t sum[V::kLanes], even[V::kLanes], odd[V::kLanes];
      __builtin_memcpy(sum, &a.sum, sizeof sum);
      __builtin_memcpy(even, &a.even, sizeof even);
      __builtin_memcpy(odd, &a.odd, sizeof odd);
      for (int k = 0; k < V::kLanes && c + 4 * k < n; k++) {
        CodeMoments<T>& part = parts[(c + 4 * k) / p.width];
        part.sum += sum[k];
        part.square += int64_t{even[k]} + odd[k];
      }
    }
  }
}

// Those of parts of any width, channel by channel.
template <typename T>
inline void odd_moments(const Parts& p, const uint8_t* image, int64_t n, CodeMoments<T>* parts) {
  const V::I shift = V::set(CodeMoments<T>::kSigned ? 128 : 0);
  for (int64_t c = 0; c < n; c += V::kLanes) {
    const int count = static_cast<int>(n - c < V::kLanes ? n - c : V::kLanes);
    for (int64_t s = 0; s < p.pixels;) {
      const int64_t end = p.pixels - s < CodeSums::kLongest ? p.pixels : s + CodeSums::kLongest;
      V::I sums = V::set(0), squares = V::set(0);
      for (; s < end; s++) {
        const T* codes = reinterpret_cast<const T*>(image + s * p.channels + c);
        const V::I v = V::add(count == V::kLanes ? V::widen(codes) : V::widen_first(codes, count), shift);
        sums = V::add(sums, v);
        squares = V::add(squares, V::mul(v, v));
      }
      int32_t sum[V::kLanes], square[V::kLanes];
      __builtin_memcpy(sum, &sums, sizeof sum);
      __builtin_memcpy(square, &squares, sizeof square);
      for (int k = 0; k < count; k++) {
        parts[(c + k) / p.width].sum += sum[k];
        parts[(c + k) / p.width].square += square[k];
      }
    }
  }
}

template <typename T>
inline void narrow_code_norm(const Parts& p, const uint8_t* image, const OctetGroupNormParams& params,
                             uint8_t* image_out) {
  const ToCodes to_codes(params.lo, params.hi, params.zero_point);
  const V::I zero_point = V::set(params.zero_point_in);
  const int64_t block = kNarrowBlock / p.width * p.width;
  for (int64_t first = 0; first < p.channels; first += block) {
    const int64_t n = p.channels - first < block ? p.channels - first : block;
    CodeMoments<T> parts[kNarrowBlock];
    p.width % 4 == 0 ? narrow_moments(p, image + first, n, parts) : odd_moments(p, image + first, n, parts);
    float mean[kNarrowBlock + V::kLanes] = {}, rstd[kNarrowBlock + V::kLanes] = {};
    for (int64_t c = 0; c < n; c += p.width) {
      const scalar::Normalizer normalizer = parts[c / p.width].normalizer(p.pixels * p.width, params);
      for (int64_t i = c; i < c + p.width; i++) mean[i] = normalizer.mean, rstd[i] = normalizer.rstd;
    }
    const float *gamma = params.gamma + first, *beta = params.beta + first;
    for (int64_t s = 0; s < p.pixels; s++) {
      const int64_t at = first + s * p.channels;
      for_codes<T>(to_codes, image + at, n, image_out + at, [&](V::I q, int64_t c, int count) {
        const V::F real = V::to_float(V::sub(q, zero_point));
        return normalized(real, V::load(mean + c), V::load(rstd + c), some(gamma + c, count), some(beta + c, count));
      });
    }
  }
}

template <typename T>
void group_norm_q8(const uint8_t* x, int64_t images, const OctetGroupNormParams* params, uint8_t* out) {
  const Parts p(*params);
  if (p.width < kNarrowBlock / 2) {
    for (int64_t i = 0; i < images; i++) {
      narrow_code_norm<T>(p, x + p.offset(i * p.groups), *params, out + p.offset(i * p.groups));
    }
    return;
  }
  const ToCodes to_codes(params->lo, params->hi, params->zero_point);
  const V::I zero_point = V::set(params->zero_point_in);
  // Of several short parts at a time, since the end of a sum waits for divisions.
  constexpr int kMost = 4;
  const int most = p.pixels == 1 ? kMost : 1;
  for (int64_t part = 0; part < images * p.groups;) {
    scalar::Normalizer normalizers[kMost];
    const int64_t left = images * p.groups - part;
    const int count = left < most ? static_cast<int>(left) : most;
    for (int r = 0; r < count; r++) normalizers[r] = code_moments<T>(p, x + p.offset(part + r), *params);
    for (int r = 0; r < count; r++, part++) {
      const V::F mean = V::set(normalizers[r].mean), rstd = V::set(normalizers[r].rstd);
      const float *gamma = params->gamma + p.channel(part), *beta = params->beta + p.channel(part);
      for (int64_t s = 0; s < p.pixels; s++) {
        const int64_t at = p.offset(part) + s * p.channels;
        for_codes<T>(to_codes, x + at, p.width, out + at, [&](V::I q, int64_t c, int n) {
          const V::F real = V::to_float(V::sub(q, zero_point));
          return normalized(real, mean, rstd, some(gamma + c, n), some(beta + c, n));
        });
      }
    }
  }
}

}  // namespace
