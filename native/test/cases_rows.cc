// Softmax and the normalisations.
#include <limits>

#include "harness.h"
#include "octet/octet_kinds.h"

namespace {

using namespace test;

constexpr float kInf = std::numeric_limits<float>::infinity();
constexpr int kTypes[] = {OCTET_F32, OCTET_U8, OCTET_S8};

int64_t zero(int type) { return type == OCTET_S8 ? -5 : 100; }
int64_t least(int type) { return type == OCTET_S8 ? -128 : 0; }

void softmax() {
  for (const int type : kTypes) {
    const auto one = [&](int64_t rows, int64_t n, Fill fill, float scale = 0.07f) {
      check({"softmax " + std::to_string(rows) + "x" + std::to_string(n),
             OCTET_SOFTMAX,
             {type, n, bits(scale), bits(256.0f), least(type), least(type), least(type) + 255},
             {},
             {rows},
             {make(type, rows * n, fill, static_cast<uint64_t>(n))},
             type},
            static_cast<int>(n % 3));
    };
    for (const int64_t n : sizes()) {
      for (const Fill fill : kFills) one(3, n, fill);
    }
    one(0, 7, Fill::kRandom);
    one(900, 10, Fill::kRandom);
    one(5, 5000, Fill::kExtremes);
    for (const float scale : {1e-6f, 0.4f, 30.0f, 3e37f}) {  // powers near 1, and true zeros
      one(7, 77, Fill::kRandom, scale);
      one(2, 300, Fill::kExtremes, scale);
    }
  }
}

void group_norm() {
  for (const int type : kTypes) {
    const auto one = [&](int64_t images, int64_t pixels, int64_t channels, int64_t groups, Fill fill, bool affine) {
      const Data absent{OCTET_F32, {}};
      check({"group_norm " + std::to_string(images) + "x" + std::to_string(pixels) + "x" + std::to_string(channels) +
                 " groups=" + std::to_string(groups),
             OCTET_GROUP_NORM,
             {type, channels, groups, bits(1e-5f), bits(affine ? 0.0f : -kInf), bits(kInf), bits(0.02f), zero(type),
              zero(type) + 9, least(type), least(type) + 200},
             {affine ? make(OCTET_F32, channels, Fill::kRandom, 3) : absent,
              affine ? make(OCTET_F32, channels, Fill::kRandom, 4) : absent},
             {images, pixels},
             {make(type, images * pixels * channels, fill, static_cast<uint64_t>(channels))},
             type},
            static_cast<int>(channels % 3));
    };
    for (const int64_t n : sizes()) {
      if (n == 0) continue;
      for (const Fill fill : kFills) {
        one(5, 1, n, 1, fill, n % 2 == 0);
        one(2, 3, n, n, fill, n % 2 == 1);  // instance norm
      }
      one(2, 3, 2 * n, 2, Fill::kRandom, true);
      one(1, 7, 3 * n, 3, Fill::kExtremes, false);
    }
    for (const int64_t width : {2, 3, 5, 8, 10, 15, 16, 17, 33, 63, 64}) {  // narrow parts, more than one block of them
      one(2, 5, 11 * width, 11, kFills[width % 5], width % 2 == 0);
      one(1, 9, 70 * width, 70, Fill::kRandom, true);
    }
    one(0, 3, 4, 2, Fill::kRandom, true);
    one(2, 0, 4, 2, Fill::kRandom, true);
    one(700, 1, 12, 1, Fill::kRandom, true);
    // Past what 32-bit sums hold.
    one(1, 40000, 2, 2, Fill::kMax, false);
    one(1, 20000, 32, 1, Fill::kMax, false);
    one(1, 35000, 64, 1, Fill::kMax, false);
  }
}

const Family softmax_family("softmax", softmax);
const Family norm_family("group_norm", group_norm);

}  // namespace
