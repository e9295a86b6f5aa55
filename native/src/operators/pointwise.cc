// ADD_Q8, MUL_Q8, LUT_Q8, UNARY_F32, BINARY_F32: one or two inputs of `count` elements, an output of as many.
#include "operators/blocks.h"

namespace octet {

namespace {

// `body` is a copyable function object (buffers, begin, end) that holds all that the operator knows.
template <typename Body>
class Pointwise final : public Operator {
 public:
  Pointwise(int inputs, int64_t element_bytes, const Body& body)
      : inputs_(inputs), element_bytes_(element_bytes), body_(body) {}

  int32_t shape(const int64_t* dims, int32_t slots, Context** context) const override {
    int64_t bytes;
    if (slots < 1 || !product(&bytes, dims[0], element_bytes_)) return OCTET_INVALID_ARGUMENT;
    return make_blocks(dims[0], inputs_, bytes, body_, context);
  }

 private:
  int inputs_;
  int64_t element_bytes_;
  Body body_;
};

template <typename Body>
int32_t make(int inputs, int64_t element_bytes, const Body& body, Operator** op) {
  return made(new Pointwise<Body>(inputs, element_bytes, body), op);
}

struct Table {
  uint8_t codes[256];
};

}  // namespace

int32_t create_add_q8(const Spec& spec, Operator** op) {
  if (!is_code_type(spec.integer(0))) return OCTET_INVALID_ARGUMENT;
  OctetAddParams params;
  params.scale_a = spec.real(1);
  params.zero_point_a = static_cast<int32_t>(spec.integer(2));
  params.scale_b = spec.real(3);
  params.zero_point_b = static_cast<int32_t>(spec.integer(4));
  params.inv_out_scale = spec.real(5);
  params.zero_point = static_cast<int32_t>(spec.integer(6));
  params.lo = bound(spec.integer(7), spec.integer(6));
  params.hi = bound(spec.integer(8), spec.integer(6));
  const auto run = spec.integer(0) == OCTET_U8 ? spec.kernels->add_q8->u8 : spec.kernels->add_q8->s8;
  const auto body = [=](const Buffers& b, int64_t begin, int64_t end) {
    run(b.in[0] + begin, b.in[1] + begin, end - begin, &params, b.out + begin);
  };
  return make(2, 1, body, op);
}

int32_t create_mul_q8(const Spec& spec, Operator** op) {
  if (!is_code_type(spec.integer(0))) return OCTET_INVALID_ARGUMENT;
  OctetMulParams params;
  params.zero_point_a = static_cast<int32_t>(spec.integer(1));
  params.zero_point_b = static_cast<int32_t>(spec.integer(2));
  params.multiplier = spec.real(3);
  params.zero_point = static_cast<int32_t>(spec.integer(4));
  params.lo = bound(spec.integer(5), spec.integer(4));
  params.hi = bound(spec.integer(6), spec.integer(4));
  const auto run = spec.integer(0) == OCTET_U8 ? spec.kernels->mul_q8->u8 : spec.kernels->mul_q8->s8;
  const auto body = [=](const Buffers& b, int64_t begin, int64_t end) {
    run(b.in[0] + begin, b.in[1] + begin, end - begin, &params, b.out + begin);
  };
  return make(2, 1, body, op);
}

int32_t create_lut_q8(const Spec& spec, Operator** op) {
  if (spec.constants[0] == 0) return OCTET_INVALID_ARGUMENT;
  Table table;
  __builtin_memcpy(table.codes, spec.constant<uint8_t>(0), sizeof table.codes);
  const auto run = spec.kernels->lut_q8->run;
  const auto body = [=](const Buffers& b, int64_t begin, int64_t end) {
    run(b.in[0] + begin, 1, end - begin, table.codes, b.out + begin, end - begin);
  };
  return make(1, 1, body, op);
}

int32_t create_unary_f32(const Spec& spec, Operator** op) {
  const int64_t function = spec.integer(0);
  if (function < OCTET_CLAMP || function > OCTET_THRESHOLD) return OCTET_INVALID_ARGUMENT;
  const OctetUnaryParams params = {static_cast<int32_t>(function), spec.real(1), spec.real(2), spec.real(3),
                                   spec.real(4)};
  const auto run = spec.kernels->unary_f32->run;
  const auto body = [=](const Buffers& b, int64_t begin, int64_t end) {
    run(input<float>(b, 0) + begin, end - begin, &params, output<float>(b) + begin);
  };
  return make(1, 4, body, op);
}

int32_t create_binary_f32(const Spec& spec, Operator** op) {
  const int64_t function = spec.integer(0);
  if (function != 0 && function != 1) return OCTET_INVALID_ARGUMENT;
  const float lo = spec.real(1), hi = spec.real(2);
  const auto run = function == 0 ? spec.kernels->binary_f32->add : spec.kernels->binary_f32->mul;
  const auto body = [=](const Buffers& b, int64_t begin, int64_t end) {
    run(input<float>(b, 0) + begin, input<float>(b, 1) + begin, end - begin, lo, hi, output<float>(b) + begin);
  };
  return make(2, 4, body, op);
}

}  // namespace octet
