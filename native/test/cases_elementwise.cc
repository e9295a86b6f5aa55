#include <limits>

#include "harness.h"
#include "octet/octet_kinds.h"

namespace {

using namespace test;

constexpr float kInf = std::numeric_limits<float>::infinity();

struct Codes {
  int type;
  float scale;
  int zp, qmin, qmax;
};

const Codes kCodes[] = {{OCTET_U8, 0.37f, 128, 0, 255},
                        {OCTET_S8, 1.0f, -7, -128, 127},
                        {OCTET_U8, 0.5f, 255, 0, 255},
                        {OCTET_U8, 3.0f, 0, 0, 127},
                        {OCTET_S8, 2e-38f, 0, -127, 127}};

std::string name(const char* op, int64_t n) { return std::string(op) + " n=" + std::to_string(n); }

uint64_t seed(int64_t n) { return static_cast<uint64_t>(n); }

// Every size with every fill; sizes past one block of the executor for the first fill.
template <typename Body>
void sweep(const Body& body) {
  for (const int64_t n : sizes()) {
    for (const Fill fill : kFills) body(n, fill, static_cast<int>(n % 5));
  }
  body(0, Fill::kRandom, 0);
  body(4096, Fill::kRandom, 1);
  body(3 * 4096 + 77, Fill::kExtremes, 3);
}

void quantize() {
  for (const Codes& q : kCodes) {
    for (int divide = 0; divide < 2; divide++) {
      const auto attributes = [&](int last) {
        return std::vector<int64_t>{q.type, bits(1.0f / q.scale), q.zp, q.qmin, q.qmax, divide, bits(q.scale), last};
      };
      sweep([&](int64_t n, Fill fill, int misalign) {
        check({name("quantize", n),
               OCTET_QUANTIZE,
               attributes(0),
               {},
               {1, 1, n},
               {make(OCTET_F32, n, fill, seed(n))},
               q.type},
              misalign);
      });
    }
  }
  const Codes& q = kCodes[0];
  for (const int64_t c : {1, 2, 3, 4, 5, 16, 17, 33}) {
    for (const int64_t s : {1, 2, 15, 16, 49, 127, 128, 129, 300}) {
      check({"quantize to channels last " + std::to_string(c) + "x" + std::to_string(s),
             OCTET_QUANTIZE,
             {q.type, bits(1.0f / q.scale), q.zp, q.qmin, q.qmax, 0, bits(q.scale), 1},
             {},
             {2, c, s},
             {make(OCTET_F32, 2 * c * s, Fill::kRandom, seed(c))},
             q.type},
            1);
      check({"dequantize to channels first " + std::to_string(c) + "x" + std::to_string(s),
             OCTET_DEQUANTIZE,
             {OCTET_S8, bits(q.scale), -3, 1},
             {},
             {2, c, s},
             {make(OCTET_S8, 2 * c * s, Fill::kRandom, seed(c))},
             OCTET_F32},
            1);
    }
  }
}

void dequantize() {
  for (const Codes& q : kCodes) {
    sweep([&](int64_t n, Fill fill, int misalign) {
      check({name("dequantize", n),
             OCTET_DEQUANTIZE,
             {q.type, bits(q.scale), q.zp, 0},
             {},
             {1, 1, n},
             {make(q.type, n, fill, seed(n))},
             OCTET_F32},
            misalign);
    });
  }
}

void add_and_mul() {
  for (const Codes& q : kCodes) {
    sweep([&](int64_t n, Fill fill, int misalign) {
      const std::vector<Data> inputs = {make(q.type, n, fill, seed(n)), make(q.type, n, Fill::kRandom, seed(n) + 1)};
      check({name("add_q8", n),
             OCTET_ADD_Q8,
             {q.type, bits(q.scale), q.zp, bits(0.11f), q.type == OCTET_U8 ? 99 : -100, bits(1.0f / 0.3f), q.zp, q.qmin,
              q.qmax},
             {},
             {n},
             inputs,
             q.type},
            misalign);
      for (const float multiplier : {0.0078125f, 0.013f, 1e30f}) {
        check({name("mul_q8", n),
               OCTET_MUL_Q8,
               {q.type, q.zp, q.type == OCTET_U8 ? 7 : -128, bits(multiplier), q.zp, q.qmin, q.qmax},
               {},
               {n},
               inputs,
               q.type},
              misalign);
      }
    });
  }
}

void lut() {
  const Data table = make(OCTET_U8, 256, Fill::kRandom, 5);
  sweep([&](int64_t n, Fill fill, int misalign) {
    check({name("lut_q8", n), OCTET_LUT_Q8, {}, {table}, {n}, {make(OCTET_U8, n, fill, seed(n))}, OCTET_U8}, misalign);
  });
}

void float_ops() {
  const float bounds[][2] = {{-kInf, kInf}, {0.0f, kInf}, {0.0f, 6.0f}};
  for (const auto& b : bounds) {
    sweep([&](int64_t n, Fill fill, int misalign) {
      const Data x = make(OCTET_F32, n, fill, seed(n)), y = make(OCTET_F32, n, Fill::kExtremes, seed(n) + 1);
      for (int function = OCTET_CLAMP; function <= OCTET_THRESHOLD; function++) {
        check({name("unary_f32", n) + " function " + std::to_string(function),
               OCTET_UNARY_F32,
               {function, bits(b[0]), bits(b[1]), bits(0.3f), bits(1.7f)},
               {},
               {n},
               {x},
               OCTET_F32},
              misalign);
      }
      for (int function = 0; function < 2; function++) {
        check({name("binary_f32", n), OCTET_BINARY_F32, {function, bits(b[0]), bits(b[1])}, {}, {n}, {x, y}, OCTET_F32},
              misalign);
      }
      for (const int64_t rows : {1, 3}) {
        if (n == 0) break;  // no channels: refused
        check({name("affine_f32", n),
               OCTET_AFFINE_F32,
               {n, bits(b[0]), bits(b[1])},
               {make(OCTET_F32, n, Fill::kRandom, 1), make(OCTET_F32, n, Fill::kRandom, 2)},
               {rows},
               {make(OCTET_F32, rows * n, fill, seed(n))},
               OCTET_F32},
              misalign);
      }
    });
  }
  // Dense samples of the polynomials' whole range.
  for (int function = OCTET_SIGMOID; function <= OCTET_THRESHOLD; function++) {
    std::vector<float> x;
    for (float v = -100; v <= 100; v += 0.0037f) x.push_back(v);
    for (float v = 1e-45f; v < 1; v *= 1.7f) x.push_back(v), x.push_back(-v);
    check({"polynomials",
           OCTET_UNARY_F32,
           {function, bits(-kInf), bits(kInf), bits(0.7f), bits(1.0f)},
           {},
           {static_cast<int64_t>(x.size())},
           {of(OCTET_F32, x)},
           OCTET_F32});
  }
}

void fake_quantize() {
  struct Choice {
    int64_t qmin, qmax, observe, rule, symmetric, zero_point;
  };
  const Choice choices[] = {{0, 255, 0, 0, 0, 0},    {0, 255, 1, 1, 0, 0},        {-128, 127, 1, 1, 1, 0},
                            {-127, 127, 1, 2, 1, 0}, {0, 127, 2, 2, 0, 0},        {-4, 3, 2, 1, 0, 0},
                            {0, 15, 1, 1, 1, 7},     {-32768, 32767, 1, 1, 0, 0}, {0, 1, 1, 2, 1, 0}};
  const auto run = [](const Choice& q, int64_t outer, int64_t channels, int64_t inner, Fill fill, int misalign) {
    const int64_t n = outer * channels * inner;
    const std::string text = std::to_string(outer) + "x" + std::to_string(channels) + "x" + std::to_string(inner);
    const Data x = make(OCTET_F32, n, fill, seed(n));
    for (const float nothing : {0.0f, 1.0f}) {
      std::vector<float> state;
      for (int64_t c = 0; c < channels; c++) {
        const float lo = nothing != 0 ? kInf : -0.3f * static_cast<float>(c % 5), hi = nothing != 0 ? -kInf : 7.5f;
        state.insert(state.end(), {lo, hi, 0.37f, static_cast<float>((q.qmin + q.qmax) / 2)});
      }
      check({"fake_quantize " + text,
             OCTET_FAKE_QUANTIZE,
             {q.qmin, q.qmax, q.observe, bits(0.01f), q.rule, q.symmetric, q.zero_point, bits(1e-7f)},
             {},
             {outer, channels, inner},
             {x, of(OCTET_F32, state)},
             OCTET_F32},
            misalign);
      if (nothing != 0) continue;
      check({"fake_quantize_grad " + text,
             OCTET_FAKE_QUANTIZE_GRAD,
             {q.qmin, q.qmax},
             {},
             {outer, channels, inner},
             {x, make(OCTET_F32, n, Fill::kExtremes, seed(n) + 1), of(OCTET_F32, state)},
             OCTET_F32},
            misalign);
    }
  };
  for (const Choice& q : choices) {
    sweep([&](int64_t n, Fill fill, int misalign) { run(q, 1, 1, n, fill, misalign); });
    for (const int64_t inner : {1, 9, 33, 300}) {
      run(q, 1, 5, inner, Fill::kRandom, 1);
      run(q, 3, 17, inner, Fill::kExtremes, 2);
    }
    run(q, 2, 1, 9000, Fill::kRandom, 0);
    run(q, 2, 0, 3, Fill::kRandom, 0);
  }
}

const Family fake_quantize_family("fake_quantize", fake_quantize);

void affine_q8() {
  for (const Codes& q : kCodes) {
    sweep([&](int64_t n, Fill fill, int misalign) {
      if (n == 0 || n > 5000) return;
      for (const int64_t rows : {1, 3, 70}) {
        if (rows == 70 && n > 40) break;
        check({name("affine_q8", n) + " rows=" + std::to_string(rows),
               OCTET_AFFINE_Q8,
               {q.type, n, q.type == OCTET_U8 ? 3 : -128, q.zp, q.qmin, q.qmax},
               {make(OCTET_F32, n, fill == Fill::kExtremes ? fill : Fill::kRandom, 1),
                make(OCTET_F32, n, Fill::kRandom, 2)},
               {rows},
               {make(q.type, rows * n, fill, seed(n))},
               q.type},
              misalign);
      }
    });
  }
}

const Family quantize_family("quantize", quantize);
const Family dequantize_family("dequantize", dequantize);
const Family add_family("add_mul", add_and_mul);
const Family lut_family("lut", lut);
const Family float_family("float", float_ops);
const Family affine_family("affine_q8", affine_q8);

}  // namespace
