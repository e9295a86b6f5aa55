// CONV_WEIGHT_GRAD: the gradient of a convolution's weight, tap by tap.
#include "operators/blocks.h"
#include "operators/convolution_geometry.h"

namespace octet {

namespace {

// Outputs [begin, end) of one axis whose tap at `shift` (in inputs, from the window's start) lies inside the input.
void inside(int64_t in, int64_t out, int64_t stride, int64_t pad, int64_t shift, int64_t* begin, int64_t* end) {
  const int64_t low = pad - shift, high = in + pad - shift;  // low <= o * stride < high
  *begin = low > 0 ? (low + stride - 1) / stride : 0;
  *end = high > 0 ? (high + stride - 1) / stride : 0;
  if (*end > out) *end = out;
  if (*begin > *end) *begin = *end;
}

class WeightGradContext final : public Context {
 public:
  WeightGradContext(const WeightGradKernel* kernel, const OctetConvGeometry& g)
      : kernel_(kernel), g_(g), taps_(g.kh * g.kw), inputs_(g.cin / g.groups), depthwise_(is_depthwise(g)) {
    size_ = g.cout * taps_ * inputs_;
    inputs = 2;
    rows[0] = 1;
    output_bytes = size_ * 4;
    thread_bytes = depthwise_ ? size_ * 4 : 0;
  }

  void run_rows(const Buffers& b, int, int64_t y0, int64_t y1) const override {
    if (y0 == y1) return;
    float* const sum = depthwise_ ? reinterpret_cast<float*>(b.scratch) : output<float>(b);
    for (int64_t i = 0; i < size_; i++) sum[i] = 0.0f;
    for (int64_t n = 0; n < g_.n; n++) {
      const float* const x = input<float>(b, 0) + n * g_.h * g_.w * g_.cin;
      const float* const gradient = input<float>(b, 1) + n * g_.oh * g_.ow * g_.cout;
      for (int64_t ky = 0; ky < g_.kh; ky++) {
        for (int64_t kx = 0; kx < g_.kw; kx++) tap(x, gradient, ky, kx, sum);
      }
    }
    for (int64_t i = 0; depthwise_ && i < size_; i++) {
      output<float>(b)[i] = sum[i % taps_ * g_.cout + i / taps_];  // from [taps][C]
    }
  }

 private:
  void tap(const float* x, const float* gradient, int64_t ky, int64_t kx, float* sum) const {
    int64_t y0, y1, x0, x1;
    inside(g_.h, g_.oh, g_.sh, g_.pad_top, ky * g_.dh, &y0, &y1);
    inside(g_.w, g_.ow, g_.sw, g_.pad_left, kx * g_.dw, &x0, &x1);
    if (y0 == y1 || x0 == x1) return;
    OctetPixelArea a;
    a.rows = y1 - y0;
    a.columns = x1 - x0;
    a.x_column = g_.sw * g_.cin;
    a.x_row = g_.sh * g_.w * g_.cin;
    a.g_column = g_.cout;
    a.g_row = g_.ow * g_.cout;
    if (a.x_row == a.columns * a.x_column && a.g_row == a.columns * a.g_column) {
      a.columns *= a.rows;
      a.rows = 1;
    }
    const int64_t iy = y0 * g_.sh - g_.pad_top + ky * g_.dh, ix = x0 * g_.sw - g_.pad_left + kx * g_.dw;
    a.x = x + (iy * g_.w + ix) * g_.cin;
    a.g = gradient + (y0 * g_.ow + x0) * g_.cout;
    const int64_t t = ky * g_.kw + kx;
    if (depthwise_) {
      kernel_->depthwise(&a, g_.cin, sum + t * g_.cin);  // [taps][C]
      return;
    }
    const int64_t outputs = g_.cout / g_.groups;
    for (int64_t group = 0; group < g_.groups; group++) {
      kernel_->dense(&a, outputs, inputs_, sum + (group * outputs * taps_ + t) * inputs_, taps_ * inputs_);
      a.x += inputs_;
      a.g += outputs;
    }
  }

  const WeightGradKernel* kernel_;
  OctetConvGeometry g_;
  int64_t taps_, inputs_, size_;
  bool depthwise_;
};

class WeightGrad final : public Operator {
 public:
  WeightGrad(const WeightGradKernel* kernel, const OctetConvGeometry& g) : kernel_(kernel), g_(g) {}

  int32_t shape(const int64_t* dims, int32_t slots, Context** context) const override {
    OctetConvGeometry g = g_;
    if (slots != 3 || !shape_convolution(dims, slots, &g)) return OCTET_INVALID_ARGUMENT;
    return made(new WeightGradContext(kernel_, g), context);
  }

 private:
  const WeightGradKernel* kernel_;
  OctetConvGeometry g_;
};

}  // namespace

int32_t create_conv_weight_grad(const Spec& spec, Operator** op) {
  OctetConvGeometry g = {};
  if (!read_convolution(spec, 0, 1 << 20, &g)) return OCTET_INVALID_ARGUMENT;
  return made(new WeightGrad(spec.kernels->weight_grad, g), op);
}

}  // namespace octet
