#include "kernels/rows.h"
#include "kernels/scalar.h"

namespace {

// y[i] = e^(t[i]) over the row's sum; t[i] are differences to the largest element.
template <typename Difference, typename Store>
void softmax_row(int64_t n, const Difference& difference, const Store& store) {
  float lanes[16] = {};
  for (int64_t i = 0; i < n; i++) lanes[i % 16] += scalar::exp_or_zero(difference(i));
  const float factor = 1.0f / scalar::sum(lanes);
  for (int64_t i = 0; i < n; i++) store(i, scalar::exp_or_zero(difference(i)) * factor);
}

void octet_softmax_f32_1__reference(const float* x, int64_t rows, int64_t n, float* out) {
  for (int64_t r = 0; r < rows; r++, x += n, out += n) {
    float largest = -__builtin_inff();
    for (int64_t i = 0; i < n; i++) largest = x[i] > largest ? x[i] : largest;
    softmax_row(
        n, [&](int64_t i) { return x[i] - largest; }, [&](int64_t i, float y) { out[i] = y; });
  }
}

template <typename T>
void octet_softmax_q8_1__reference(const uint8_t* x, int64_t rows, int64_t n, const OctetSoftmaxParams* p, float*,
                                   uint8_t* out) {
  for (int64_t r = 0; r < rows; r++, x += n, out += n) {
    int32_t largest = -128;
    for (int64_t i = 0; i < n; i++) largest = static_cast<T>(x[i]) > largest ? static_cast<T>(x[i]) : largest;
    softmax_row(
        n, [&](int64_t i) { return static_cast<float>(static_cast<T>(x[i]) - largest) * p->scale; },
        [&](int64_t i, float y) { out[i] = scalar::to_code(y * p->inv_out_scale, p->lo, p->hi, p->zero_point); });
  }
}

}  // namespace

extern "C" const SoftmaxKernel octet_softmax__reference = {
    octet_softmax_f32_1__reference, octet_softmax_q8_1__reference<uint8_t>, octet_softmax_q8_1__reference<int8_t>};
