// The reference itself, against values worked out by hand: what the parity sweep cannot see.
#include <math.h>
#include <string.h>

#include <limits>

#include "harness.h"
#include "octet/octet_kinds.h"

namespace {

using namespace test;

constexpr float kInf = std::numeric_limits<float>::infinity(), kNan = std::numeric_limits<float>::quiet_NaN();

template <typename T>
void is(const Case& c, const std::vector<T>& expected) {
  const std::vector<uint8_t> out = reference(c);
  bool ok = out.size() == expected.size() * sizeof(T);
  for (size_t i = 0; ok && i < expected.size(); i++) {
    T value;
    memcpy(&value, &out[i * sizeof(T)], sizeof(T));
    ok = memcmp(&value, &expected[i], sizeof(T)) == 0 || (value != value && expected[i] != expected[i]);
    if (!ok) expect(false, c.name + " [" + std::to_string(i) + "] = " + std::to_string(static_cast<double>(value)));
  }
  expect(ok, c.name);
}

Data floats(const std::vector<float>& values) { return of(OCTET_F32, values); }
Data bytes(const std::vector<uint8_t>& values) { return of(OCTET_U8, values); }
Data codes(const std::vector<int8_t>& values) { return of(OCTET_S8, values); }

void quantization() {
  is<uint8_t>({"ties go to even, NaN to qmin, the clamp comes first",
               OCTET_QUANTIZE,
               {OCTET_U8, bits(1), 10, 0, 255, 0, bits(1), 0},
               {},
               {1, 1, 9},
               {floats({0.5f, 1.5f, 2.5f, -0.5f, kNan, kInf, -kInf, 3e38f, 244.6f})},
               OCTET_U8},
              {10, 12, 12, 10, 0, 255, 0, 255, 255});
  is<int8_t>({"quantize s8",
              OCTET_QUANTIZE,
              {OCTET_S8, bits(2), -1, -128, 127, 0, bits(0.5f), 0},
              {},
              {1, 1, 4},
              {floats({-100, 100, 0.25f, 0.75f})},
              OCTET_S8},
             {-128, 127, -1, 1});
  is<uint8_t>({"the standard divides",
               OCTET_QUANTIZE,
               {OCTET_U8, bits(1 / 3.0f), 0, 0, 255, 1, bits(3), 0},
               {},
               {1, 1, 2},
               {floats({4.5f, 7.5f})},
               OCTET_U8},
              {2, 2});
  is<uint8_t>({"to channels last",
               OCTET_QUANTIZE,
               {OCTET_U8, bits(1), 0, 0, 255, 0, bits(1), 1},
               {},
               {1, 2, 3},
               {floats({1, 2, 3, 4, 5, 6})},
               OCTET_U8},
              {1, 4, 2, 5, 3, 6});
  is<float>({"dequantize to channels first",
             OCTET_DEQUANTIZE,
             {OCTET_S8, bits(0.5f), 1, 1},
             {},
             {1, 2, 2},
             {codes({-128, 1, 127, 3})},
             OCTET_F32},
            {-64.5f, 63, 0, 1});
  is<uint8_t>({"add",
               OCTET_ADD_Q8,
               {OCTET_U8, bits(0.5f), 10, bits(0.25f), 20, bits(1), 5, 5, 255},
               {},
               {3},
               {bytes({12, 0, 255}), bytes({22, 0, 255})},
               OCTET_U8},
              {7, 5, 186});  // 1 + 0.5 = 1.5 -> 2; -10 -> the bound; 122.5 + 58.75 = 181.25
  is<int8_t>({"mul",
              OCTET_MUL_Q8,
              {OCTET_S8, 1, -1, bits(0.5f), 3, -128, 127},
              {},
              {3},
              {codes({3, -128, 2}), codes({2, 127, 0})},
              OCTET_S8},
             {6, -128, 3});  // 2*3/2 = 3; far below; 1*1/2 = 0.5 -> 0
  is<uint8_t>({"concat: copied with a clamp, requantized",
               OCTET_CONCAT,
               {OCTET_U8, 2, bits(1), 10, 10, 255, bits(1), 10, 1, bits(0.5f), 0, 0},
               {},
               {2, 2, 1},
               {bytes({9, 11, 0, 255}), bytes({3, 255})},
               OCTET_U8},
              {10, 11, 12, 10, 255, 138});
}

void rows() {
  is<float>({"softmax: far below the largest is 0, equal ones share",
             OCTET_SOFTMAX,
             {OCTET_F32, 4, 0, 0, 0, 0, 0},
             {},
             {2},
             {floats({1, 1, -kInf, -99, 5, kNan, 5, 5})},
             OCTET_F32},
            {0.5f, 0.5f, 0, 0, kNan, kNan, kNan, kNan});
  is<uint8_t>({"softmax of codes",
               OCTET_SOFTMAX,
               {OCTET_U8, 3, bits(100), bits(256), 0, 0, 255},
               {},
               {2},
               {bytes({7, 7, 6, 0, 255, 0})},
               OCTET_U8},
              {128, 128, 0, 0, 255, 0});
  is<float>({"layer norm without and with an affine part",
             OCTET_GROUP_NORM,
             {OCTET_F32, 2, 1, bits(0), bits(-kInf), bits(2), 0, 0, 0, 0, 0},
             {floats({1, 3}), floats({0, 0.5f})},
             {2, 1},
             {floats({1, 3, 8, 4})},
             OCTET_F32},
            {-1, 2, 1, -2.5f});
  is<float>({"instance norm: each channel over the pixels",
             OCTET_GROUP_NORM,
             {OCTET_F32, 2, 2, bits(3), bits(-kInf), bits(kInf), 0, 0, 0, 0, 0},
             {{OCTET_F32, {}}, {OCTET_F32, {}}},
             {1, 2},
             {floats({0, 5, 2, 5})},
             OCTET_F32},
            {-0.5f, 0, 0.5f, 0});
  is<uint8_t>({"layer norm of codes: mean 6, deviation 2 codes, 2 of the result's for each deviation",
               OCTET_GROUP_NORM,
               {OCTET_U8, 2, 1, bits(0), 0, 0, bits(0.5f), 1, 10, 0, 255},
               {floats({2, 2}), floats({0, 1})},
               {1, 1},
               {bytes({4, 8})},
               OCTET_U8},
              {8, 13});
  is<int8_t>({"batch norm of codes",
              OCTET_AFFINE_Q8,
              {OCTET_S8, 2, 1, -3, -3, 127},
              {floats({0.5f, 2}), floats({1, -1})},
              {2},
              {codes({2, 2, -128, 127})},
              OCTET_S8},
             {-1, -2, -3, 127});  // 0.5 + 1 = 1.5 -> 2; 2 - 1 = 1; far below; far above
}

void pooling() {
  is<float>({"maxpool: NaN wins and stays, padding never does",
             OCTET_MAXPOOL,
             {OCTET_F32, 1, 1, 3, 1, 1, 0, 1, 1, 1},
             {},
             {1, 1, 5, 1, 5},
             {floats({-3, -2, kNan, -5, -1})},
             OCTET_F32},
            {-2, kNan, kNan, kNan, -1});
  is<float>({"avgpool without padding",
             OCTET_AVGPOOL,
             {OCTET_F32, 1, 1, 2, 1, 2, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0},
             {},
             {1, 1, 4, 1, 3},
             {floats({1, 2, 4, 8})},
             OCTET_F32},
            {1, 3, 8});
  is<float>({"avgpool with padding",
             OCTET_AVGPOOL,
             {OCTET_F32, 1, 1, 2, 1, 2, 0, 1, 0, 1, 1, 0, 0, 0, 0, 0},
             {},
             {1, 1, 4, 1, 3},
             {floats({1, 2, 4, 8})},
             OCTET_F32},
            {0.5f, 3, 4});
  // ceil mode: the last window starts at 4 and ends at the padded end 5, not at 6.
  is<float>({"avgpool: the window is clipped to the padded input",
             OCTET_AVGPOOL,
             {OCTET_F32, 1, 1, 3, 1, 2, 0, 1, 0, 1, 1, 0, 0, 0, 0, 0},
             {},
             {1, 1, 4, 1, 3},
             {floats({1, 2, 4, 8})},
             OCTET_F32},
            {1, 14 / 3.0f, 4});
  is<float>({"avgpool with a divisor",
             OCTET_AVGPOOL,
             {OCTET_F32, 1, 1, 2, 1, 2, 0, 0, 0, 0, 0, 8, 0, 0, 0, 0},
             {},
             {1, 1, 4, 1, 2},
             {floats({1, 2, 4, 8})},
             OCTET_F32},
            {0.375f, 1.5f});
  is<uint8_t>({"avgpool of codes: ties go to even",
               OCTET_AVGPOOL,
               {OCTET_U8, 2, 1, 2, 1, 2, 0, 0, 0, 0, 0, 0, 3, 0, 255, 0},
               {},
               {1, 1, 4, 1, 2},
               {bytes({3, 4, 4, 4, 6, 255, 7, 255})},
               OCTET_U8},
              {3, 4, 7, 255});  // zp 3: 0.5 -> 0, 1 -> 1; 3.5 -> 4, 252
  is<uint8_t>({"avgpool of codes, rounded after the zero point",
               OCTET_AVGPOOL,
               {OCTET_U8, 2, 1, 2, 1, 2, 0, 0, 0, 0, 0, 0, 3, 0, 255, 1},
               {},
               {1, 1, 4, 1, 2},
               {bytes({3, 4, 4, 4, 6, 255, 7, 255})},
               OCTET_U8},
              {4, 4, 6, 255});  // 3.5 -> 4, 6.5 -> 6
  is<float>({"adaptive avgpool: windows overlap",
             OCTET_ADAPTIVE_AVGPOOL,
             {OCTET_F32, 1, 0, 0, 0, 0},
             {},
             {1, 1, 5, 1, 3},
             {floats({1, 2, 3, 4, 5})},
             OCTET_F32},
            {1.5f, 3, 4.5f});
}

void fake_quantization() {
  is<float>({"rounded with the parameters given",
             OCTET_FAKE_QUANTIZE,
             {0, 255, 0, bits(0.5f), 0, 0, 0, bits(1e-7f)},
             {},
             {1, 1, 6},
             {floats({0.25f, 0.75f, -0.1f, 1000, -1000, kNan}), floats({-1, 1, 0.5f, 2})},
             OCTET_F32},
            {0, 1, 0, 126.5f, -1, -1, -1, 1, 0.5f, 2});
  is<float>({"the first tensor sets the range; zero is in it",
             OCTET_FAKE_QUANTIZE,
             {0, 255, 1, bits(0.01f), 1, 0, 0, bits(1e-7f)},
             {},
             {1, 1, 3},
             {floats({255, 1.5f, 2.5f}), floats({kInf, -kInf, 1, 0})},
             OCTET_F32},
            {255, 2, 2, 1.5f, 255, 1, 0});
  is<float>({"the next ones move it; symmetric",
             OCTET_FAKE_QUANTIZE,
             {-127, 127, 1, bits(0.5f), 1, 1, 0, bits(1e-7f)},
             {},
             {1, 1, 2},
             {floats({-250, 10}), floats({-4, 20, 1, 0})},
             OCTET_F32},
            {-127, 10, -127, 15, 1, 0});
  is<float>({"each channel has a range; the running maximum",
             OCTET_FAKE_QUANTIZE,
             {0, 255, 2, bits(0.5f), 1, 0, 0, bits(1e-7f)},
             {},
             {1, 2, 2},
             {floats({0, 51, -1, 3}), floats({0, 25.5f, 1, 0, -127.5f, 127.5f, 1, 0})},
             OCTET_F32},
            {0, 51, -1, 3, 0, 51, 0.2f, 0, -127.5f, 127.5f, 1, 128});
  is<float>({"a NaN shows in the state",
             OCTET_FAKE_QUANTIZE,
             {0, 255, 1, bits(0.5f), 1, 0, 0, bits(0.5f)},
             {},
             {1, 1, 2},
             {floats({1, kNan}), floats({0, 1, 1, 0})},
             OCTET_F32},
            {1, 0, kNan, kNan, 0.5f, 0});
  is<float>({"the gradient passes where nothing was clamped",
             OCTET_FAKE_QUANTIZE_GRAD,
             {0, 255},
             {},
             {1, 1, 6},
             {floats({-0.5f, -0.51f, 255.4f, 255.5f, kNan, 3}), floats({1, 2, 3, 4, 5, kNan}), floats({0, 1, 1, 0})},
             OCTET_F32},
            {1, 0, 3, 0, 0, kNan});
}

double exactly(int function, double x) {
  switch (function) {
    case OCTET_SIGMOID:
      return 1 / (1 + exp(-x));
    case OCTET_TANH:
      return tanh(x);
    case OCTET_GELU:
      return x * erfc(-x * sqrt(0.5)) / 2;
    case OCTET_GELU_TANH:
      return x / 2 * (1 + tanh(sqrt(2 / acos(-1.0)) * (x + 0.044715 * x * x * x)));
    default:
      return x > 0 ? x : 1.5 * expm1(x);
  }
}

void weight_gradients() {
  // Nine images of one pixel: 1 * 1 + ... + 9 * 9.
  is<float>({"the gradient of a weight",
             OCTET_CONV_WEIGHT_GRAD,
             {1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 1, 1, 1},
             {},
             {9, 1, 1},
             {floats({1, 2, 3, 4, 5, 6, 7, 8, 9}), floats({1, 2, 3, 4, 5, 6, 7, 8, 9})},
             OCTET_F32},
            {285});
  is<float>({"a tap outside of the image adds nothing",
             OCTET_CONV_WEIGHT_GRAD,
             {1, 1, 1, 3, 1, 1, 0, 1, 0, 1, 1, 1, 1},
             {},
             {1, 1, 3},
             {floats({1, 10, 100}), floats({1, 2, 3})},
             OCTET_F32},
            {32, 321, 210});
}

void others() {
  is<uint8_t>({"transpose", OCTET_TRANSPOSE, {1}, {}, {1, 2, 3}, {bytes({1, 2, 3, 4, 5, 6})}, OCTET_U8},
              {1, 4, 2, 5, 3, 6});
  is<float>({"minmax",
             OCTET_MINMAX_F32,
             {1},
             {},
             {2, 2, 2},
             {floats({1, kNan, -0.0f, 0.0f, -4, 9, -0.0f, -0.0f})},
             OCTET_F32},
            {-4, 9, 1, 0, 0, 0});
  is<float>({"minmax of nothing", OCTET_MINMAX_F32, {0}, {}, {0, 1, 1}, {floats({})}, OCTET_F32}, {kInf, -kInf, 0});
  is<int32_t>({"histogram: both ends count",
               OCTET_HISTOGRAM_F32,
               {4},
               {},
               {7},
               {floats({0, 1, 0.25f, 0.5f, -0.1f, 1.1f, kNan}), floats({0, 1})},
               OCTET_S32},
              {1, 1, 1, 1});
  is<float>({"bounds let NaN pass",
             OCTET_UNARY_F32,
             {OCTET_CLAMP, bits(0), bits(6), 0, 0},
             {},
             {4},
             {floats({kNan, -1, 7, 3})},
             OCTET_F32},
            {kNan, 0, 6, 3});
  is<float>({"hardswish",
             OCTET_UNARY_F32,
             {OCTET_HARDSWISH, bits(-kInf), bits(kInf), 0, 0},
             {},
             {4},
             {floats({-4, -1, 1, 5})},
             OCTET_F32},
            {-0.0f, -2 / 6.0f, 4 / 6.0f, 5});
  is<float>({"affine",
             OCTET_AFFINE_F32,
             {2, bits(-kInf), bits(5)},
             {floats({2, 3}), floats({1, -1})},
             {2},
             {floats({1, 1, 2, 3})},
             OCTET_F32},
            {3, 2, 5, 5});
  // The polynomials are accurate, whatever their exact bits.
  std::vector<float> x;
  for (float v = -90; v < 90; v += 0.37f) x.push_back(v);
  for (const int function : {OCTET_SIGMOID, OCTET_TANH, OCTET_GELU, OCTET_GELU_TANH, OCTET_ELU}) {
    const std::vector<uint8_t> out = reference({"polynomials",
                                                OCTET_UNARY_F32,
                                                {function, bits(-kInf), bits(kInf), bits(1.5f), bits(1)},
                                                {},
                                                {static_cast<int64_t>(x.size())},
                                                {floats(x)},
                                                OCTET_F32});
    for (size_t i = 0; i < x.size(); i++) {
      float y;
      memcpy(&y, &out[4 * i], 4);
      const double exact = exactly(function, static_cast<double>(x[i]));
      const bool tails = function == OCTET_GELU || function == OCTET_GELU_TANH;  // products with a tail of probability
      expect(fabs(y - exact) <= 4e-7 * fabs(exact) + (tails ? 6e-8 : 1e-37),
             "polynomial " + std::to_string(function) + " at " + std::to_string(x[i]));
    }
  }
}

void specification() {
  quantization();
  rows();
  pooling();
  fake_quantization();
  weight_gradients();
  others();
}

const Family family("specification", specification);

}  // namespace
