#include "operators/operator.h"

namespace octet {

namespace {

// Elements of a unit of work: long enough that a call costs nothing, short enough to share between threads.
constexpr int64_t kBlock = 4096;

class QuantizeContext final : public Context {
 public:
  QuantizeContext(const QuantizeKernel* kernel, const OctetQuantizeParams* params, int64_t count)
      : kernel_(kernel), params_(params), count_(count) {
    rows[0] = (count + kBlock - 1) / kBlock;
    output_bytes = count;
  }

  void run_rows(const Buffers& b, int, int64_t y0, int64_t y1) const override {
    const int64_t begin = y0 * kBlock, end = y1 * kBlock < count_ ? y1 * kBlock : count_;
    if (begin < end) kernel_->run(reinterpret_cast<const float*>(b.in[0]) + begin, end - begin, params_, b.out + begin);
  }

 private:
  const QuantizeKernel* kernel_;
  const OctetQuantizeParams* params_;
  int64_t count_;
};

class Quantize final : public Operator {
 public:
  explicit Quantize(const Spec& spec) : kernel_(spec.kernels->quantize) {
    params_.divide = spec.integer(5) != 0;
    params_.factor = params_.divide ? spec.real(6) : spec.real(1);
    params_.zero_point = static_cast<int32_t>(spec.integer(2));
    params_.lo = static_cast<float>(spec.integer(3) - spec.integer(2));
    params_.hi = static_cast<float>(spec.integer(4) - spec.integer(2));
  }

  int32_t shape(const int64_t* dims, int32_t slots, Context** context) const override {
    int64_t count;
    if (slots < 3 || !product(&count, dims[0], dims[1], dims[2])) return OCTET_INVALID_ARGUMENT;
    *context = new QuantizeContext(kernel_, &params_, count);
    return *context != nullptr ? OCTET_OK : OCTET_OUT_OF_MEMORY;
  }

 private:
  const QuantizeKernel* kernel_;
  OctetQuantizeParams params_;
};

}  // namespace

int32_t create_quantize(const Spec& spec, Operator** op) {
  if (!is_code_type(spec.integer(0)) || spec.integer(7) != 0) return OCTET_INVALID_ARGUMENT;
  *op = new Quantize(spec);
  return *op != nullptr ? OCTET_OK : OCTET_OUT_OF_MEMORY;
}

}  // namespace octet
