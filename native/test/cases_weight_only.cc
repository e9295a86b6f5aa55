// Float rows times weights of 8 and 4 bits.
#include <limits>

#include "harness.h"
#include "octet/octet_kinds.h"

namespace {

using namespace test;

constexpr float kInf = std::numeric_limits<float>::infinity();

void linear(int64_t m, int64_t k, int64_t n, int bits_of_weight, int64_t group, Fill fill, bool bias) {
  Case c;
  c.name = "weight_only " + std::to_string(m) + " " + std::to_string(k) + " " + std::to_string(n) + " bits " +
           std::to_string(bits_of_weight) + " group " + std::to_string(group);
  c.kind = OCTET_LINEAR_WEIGHT_ONLY;
  c.attributes = {k, n, bits_of_weight, group, bits(bias ? 0.0f : -kInf), bits(bias ? 6.0f : kInf)};
  Data weight = make(OCTET_S8, n * k, fill, 5);
  for (uint8_t& w : weight.bytes) {
    if (bits_of_weight == 4) w = static_cast<uint8_t>(static_cast<int8_t>(w) >> 4);
  }
  std::vector<float> scale;
  for (int64_t i = 0; i < n * (k / group); i++) scale.push_back(0.01f + static_cast<float>(i % 97) * 1e-3f);
  c.constants = {weight, of(OCTET_F32, scale), bias ? make(OCTET_F32, n, Fill::kRandom, 6) : Data{OCTET_F32, {}}};
  c.dims = {m};
  c.inputs = {make(OCTET_F32, m * k, fill, 7)};
  c.out_type = OCTET_F32;
  check(c, static_cast<int>(n % 3));
}

void weight_only() {
  for (const int bits_of_weight : {8, 4}) {
    for (const int64_t m : {0, 1, 2, 3, 4, 5, 9}) {
      for (const int64_t n : {1, 7, 8, 9, 15, 16, 17, 31, 33, 48, 63, 64, 65, 131}) {
        for (const Fill fill : kFills) {
          linear(m, 64, n, bits_of_weight, 32, fill, n % 2 == 0);
          linear(m, 6, n, bits_of_weight, 2, fill, n % 2 == 1);
        }
      }
    }
    linear(1, 384, 384, bits_of_weight, 128, Fill::kRandom, true);
    linear(3, 34, 40, bits_of_weight, 34, Fill::kRandom, false);
  }
  linear(2, 15, 21, 8, 5, Fill::kRandom, true);
}

const Family family("weight_only", weight_only);

}  // namespace
