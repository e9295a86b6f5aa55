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

// Exact sums of codes less the zero point and of their squares, kept in 32 bits for as long as they fit.
struct CodeSums {
  static constexpr int kLongest = 16384;  // times 255^2 is below 2^31
  V::I sum = V::set(0), square = V::set(0);
  int held = 0;

  void take(V::I v) {
    sum = V::add(sum, v);
    square = V::add(square, V::mul(v, v));
    held++;
  }
  // Adds what is held to sums[lane], squares[lane].
  void flush(int64_t* sums, int64_t* squares) {
    int32_t lanes[V::kLanes];
    __builtin_memcpy(lanes, &sum, sizeof lanes);
    for (int k = 0; k < V::kLanes; k++) sums[k] += lanes[k];
    __builtin_memcpy(lanes, &square, sizeof lanes);
    for (int k = 0; k < V::kLanes; k++) squares[k] += lanes[k];
    sum = square = V::set(0);
    held = 0;
  }
};

// `count` codes less the zero point, the lanes after them 0.
template <typename T>
inline V::I centered(const T* x, int count, V::I zero_point, T zero) {
  if (count == V::kLanes) return V::sub(V::widen(x), zero_point);
  T tail[V::kLanes];
  for (T& t : tail) t = zero;
  copy(tail, x, count);
  return V::sub(V::widen(tail), zero_point);
}

template <typename T>
inline scalar::Normalizer code_moments(const Parts& p, const T* x, const OctetGroupNormParams& params) {
  const V::I zero_point = V::set(params.zero_point_in);
  int64_t sums[V::kLanes] = {}, squares[V::kLanes] = {};
  CodeSums held;
  for (int64_t s = 0; s < p.pixels; s++, x += p.channels) {
    for_vectors(p.width, [&](int64_t i, int count, int) {
      held.take(centered(x + i, count, zero_point, static_cast<T>(params.zero_point_in)));
      if (held.held == CodeSums::kLongest) held.flush(sums, squares);
    });
  }
  held.flush(sums, squares);
  for (int k = 1; k < V::kLanes; k++) sums[0] += sums[k], squares[0] += squares[k];
  return scalar::normalizer(p.pixels * p.width, sums[0], squares[0], params.scale, params.eps);
}

template <typename T>
inline void narrow_code_norm(const Parts& p, const T* image, const OctetGroupNormParams& params, uint8_t* image_out) {
  const ToCode to_code(params.lo, params.hi, params.zero_point);
  const V::I zero_point = V::set(params.zero_point_in);
  const T zero = static_cast<T>(params.zero_point_in);
  const int64_t block = kNarrowBlock / p.width * p.width;
  for (int64_t first = 0; first < p.channels; first += block) {
    const int64_t n = p.channels - first < block ? p.channels - first : block;
    int64_t sums[kNarrowBlock + V::kLanes] = {}, squares[kNarrowBlock + V::kLanes] = {};
    float mean[kNarrowBlock + V::kLanes] = {}, rstd[kNarrowBlock + V::kLanes] = {};
    for (int64_t c = 0; c < n; c += V::kLanes) {
      const int count = static_cast<int>(n - c < V::kLanes ? n - c : V::kLanes);
      CodeSums held;
      for (int64_t s = 0; s < p.pixels; s++) {
        held.take(centered(image + first + s * p.channels + c, count, zero_point, zero));
        if (held.held == CodeSums::kLongest) held.flush(sums + c, squares + c);
      }
      held.flush(sums + c, squares + c);
    }
    for (int64_t c = 0; c < n; c += p.width) {
      int64_t sum = 0, square = 0;
      for (int64_t i = c; i < c + p.width; i++) sum += sums[i], square += squares[i];
      const scalar::Normalizer normalizer =
          scalar::normalizer(p.pixels * p.width, sum, square, params.scale, params.eps);
      for (int64_t i = c; i < c + p.width; i++) mean[i] = normalizer.mean, rstd[i] = normalizer.rstd;
    }
    for (int64_t c = 0; c < n; c += V::kLanes) {
      const int count = static_cast<int>(n - c < V::kLanes ? n - c : V::kLanes);
      const V::F m = V::load(mean + c), r = V::load(rstd + c);
      const V::F gamma = some(params.gamma + first + c, count), beta = some(params.beta + first + c, count);
      for (int64_t s = 0; s < p.pixels; s++) {
        const int64_t at = first + s * p.channels + c;
        const V::F q = V::to_float(centered(image + at, count, zero_point, zero));
        uint8_t codes[V::kLanes], *to = image_out + at;
        V::store_codes(count == V::kLanes ? to : codes, to_code(normalized(q, m, r, gamma, beta)));
        if (count < V::kLanes) copy(to, codes, count);
      }
    }
  }
}

template <typename T>
void group_norm_q8(const uint8_t* x, int64_t images, const OctetGroupNormParams* params, uint8_t* out) {
  const Parts p(*params);
  const T* codes = reinterpret_cast<const T*>(x);
  if (p.width < kNarrowBlock / 2) {
    for (int64_t i = 0; i < images; i++) {
      narrow_code_norm(p, codes + p.offset(i * p.groups), *params, out + p.offset(i * p.groups));
    }
    return;
  }
  const V::I zero_point = V::set(params->zero_point_in);
  for (int64_t part = 0; part < images * p.groups; part++) {
    const scalar::Normalizer n = code_moments(p, codes + p.offset(part), *params);
    const V::F mean = V::set(n.mean), rstd = V::set(n.rstd);
    const float *gamma = params->gamma + p.channel(part), *beta = params->beta + p.channel(part);
    for (int64_t s = 0; s < p.pixels; s++) {
      const int64_t at = p.offset(part) + s * p.channels;
      for_codes<T>(*params, x + at, p.width, out + at, [&](V::I q, int64_t c, int count) {
        const V::F real = V::to_float(V::sub(q, zero_point));
        return normalized(real, mean, rstd, some(gamma + c, count), some(beta + c, count));
      });
    }
  }
}

}  // namespace
