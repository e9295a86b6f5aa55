// Products of two activations.
#include <limits>

#include "harness.h"
#include "octet/octet_kinds.h"

namespace {

using namespace test;

constexpr float kInf = std::numeric_limits<float>::infinity();

struct Size {
  int64_t batch, m, k, n;
};

const Size kSizes[] = {{1, 1, 1, 1},   {1, 1, 3, 5},     {2, 3, 4, 16},  {3, 7, 5, 17},   {1, 13, 64, 64},
                       {2, 5, 63, 65}, {1, 40, 100, 79}, {2, 6, 16, 33}, {1, 2, 300, 48}, {2, 300, 9, 10},
                       {0, 2, 3, 4},   {2, 0, 3, 4},     {2, 3, 4, 0},   {1, 4, 8, 200},  {5, 12, 64, 12}};

std::string name(const char* op, const Size& s) {
  return std::string(op) + " " + std::to_string(s.batch) + "x" + std::to_string(s.m) + "x" + std::to_string(s.k) + "x" +
         std::to_string(s.n);
}

void floats() {
  for (const Size& s : kSizes) {
    for (const Fill fill : kFills) {
      for (int transpose = 0; transpose < 2; transpose++) {
        check({name("matmul_f32", s),
               OCTET_MATMUL_F32,
               {transpose, bits(transpose != 0 ? -kInf : 0.0f), bits(kInf)},
               {},
               {s.batch, s.m, s.k, s.n},
               {make(OCTET_F32, s.batch * s.m * s.k, fill, 1), make(OCTET_F32, s.batch * s.k * s.n, fill, 2)},
               OCTET_F32},
              transpose);
      }
    }
  }
}

void codes() {
  for (const Size& s : kSizes) {
    for (const Fill fill : kFills) {
      for (int types = 0; types < 12; types++) {
        const int a = types % 2, b = types / 2 % 2, out = types / 4;  // U8 = 0, S8 = 1, F32 = 2
        const int64_t transpose = (s.m + types / 4) % 2,
                      za = a != 0           ? -9
                           : types % 3 == 0 ? 0
                                            : 200,
                      zb = b != 0 ? (types % 3 == 0 ? 0 : 17) : (types % 3 == 1 ? 128 : 3), zo = out == 1 ? -5 : 120;
        check({name("matmul_q8", s) + " types " + std::to_string(types),
               OCTET_MATMUL_Q8,
               {transpose, a, b, out, za, zb, bits(0.013f), zo, out == 1 ? -128 : 0, out == 1 ? 100 : 255},
               {},
               {s.batch, s.m, s.k, s.n},
               {make(a, s.batch * s.m * s.k, fill, 1), make(b, s.batch * s.k * s.n, Fill::kRandom, 2)},
               out,
               64},
              types);
      }
    }
  }
}

void worked_out() {
  const std::vector<uint8_t> y = reference({"matmul",
                                            OCTET_MATMUL_Q8,
                                            {0, OCTET_U8, OCTET_S8, OCTET_U8, 1, -1, bits(0.5f), 10, 0, 255},
                                            {},
                                            {1, 1, 2, 2},
                                            {of<uint8_t>(OCTET_U8, {3, 0}), of<int8_t>(OCTET_S8, {4, -3, 1, 0})},
                                            OCTET_U8});
  // (3 - 1)(4 + 1) + (0 - 1)(1 + 1) = 8, halved 4;  2 (-2) + (-1) 1 = -5, halved -2.5, to even -2
  expect(y == std::vector<uint8_t>({14, 8}), "matmul of codes, worked out by hand");
}

void all() {
  floats();
  codes();
  worked_out();
}

const Family family("matmul", all);

}  // namespace
