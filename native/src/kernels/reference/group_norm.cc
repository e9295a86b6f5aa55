#include "kernels/rows.h"
#include "kernels/scalar.h"

namespace {

// body(element, channel within the part) for all of a part that begins at `at`.
template <typename Body>
void for_part(const OctetGroupNormParams& p, int64_t at, const Body& body) {
  for (int64_t s = 0; s < p.pixels; s++) {
    for (int64_t c = 0; c < p.channels / p.groups; c++) body(at + s * p.channels + c, c);
  }
}

// body(first element, first channel) of every part.
template <typename Body>
void for_parts(const OctetGroupNormParams& p, int64_t images, const Body& body) {
  for (int64_t image = 0; image < images; image++) {
    for (int64_t c = 0; c < p.channels; c += p.channels / p.groups) body(image * p.pixels * p.channels + c, c);
  }
}

float normalized(float x, scalar::Normalizer n, float gamma, float beta) {
  const float t = (x - n.mean) * n.rstd * gamma;
  return t + beta;
}

void octet_group_norm_f32_1__reference(const float* x, int64_t images, const OctetGroupNormParams* params, float* out) {
  const OctetGroupNormParams& p = *params;
  const float count = static_cast<float>(p.pixels * (p.channels / p.groups));
  for_parts(p, images, [&](int64_t at, int64_t channel) {
    scalar::Normalizer n;
    float sums[16] = {}, squares[16] = {};
    for_part(p, at, [&](int64_t i, int64_t c) { sums[c % 16] += x[i]; });
    n.mean = scalar::sum(sums) / count;
    for_part(p, at, [&](int64_t i, int64_t c) {
      const float d = x[i] - n.mean;
      squares[c % 16] = scalar::fma(d, d, squares[c % 16]);
    });
    n.rstd = 1.0f / __builtin_sqrtf(scalar::sum(squares) / count + p.eps);
    for_part(p, at, [&](int64_t i, int64_t c) {
      out[i] = scalar::clamp(normalized(x[i], n, p.gamma[channel + c], p.beta[channel + c]), p.lo, p.hi);
    });
  });
}

template <typename T>
void octet_group_norm_q8_1__reference(const uint8_t* x, int64_t images, const OctetGroupNormParams* params,
                                      uint8_t* out) {
  const OctetGroupNormParams& p = *params;
  const auto code = [&](int64_t i) { return static_cast<int32_t>(static_cast<T>(x[i])) - p.zero_point_in; };
  for_parts(p, images, [&](int64_t at, int64_t channel) {
    int64_t sum = 0, squares = 0;
    for_part(p, at, [&](int64_t i, int64_t) {
      sum += code(i);
      squares += code(i) * code(i);
    });
    const scalar::Normalizer n = scalar::normalizer(p.pixels * (p.channels / p.groups), sum, squares, p.scale, p.eps);
    for_part(p, at, [&](int64_t i, int64_t c) {
      const float y = normalized(static_cast<float>(code(i)), n, p.gamma[channel + c], p.beta[channel + c]);
      out[i] = scalar::to_code(y, p.lo, p.hi, p.zero_point);
    });
  });
}

}  // namespace

extern "C" const GroupNormKernel octet_group_norm__reference = {octet_group_norm_f32_1__reference,
                                                                octet_group_norm_q8_1__reference<uint8_t>,
                                                                octet_group_norm_q8_1__reference<int8_t>};
