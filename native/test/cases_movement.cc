#include <limits>

#include "harness.h"
#include "octet/octet_kinds.h"

namespace {

using namespace test;

void transpose(int64_t r, int64_t s) {
  for (const int bytes : {1, 4}) {
    const int type = bytes == 1 ? OCTET_U8 : OCTET_S32;
    check({"transpose b" + std::to_string(8 * bytes),
           OCTET_TRANSPOSE,
           {bytes},
           {},
           {2, r, s},
           {make(type, 2 * r * s, Fill::kRandom, 1)},
           type},
          static_cast<int>(r % 3));
  }
}

void transposes() {
  for (const int64_t r : sizes()) {
    for (const int64_t s : sizes()) {
      if (r * s <= 20000) transpose(r, s);
    }
  }
  // Several units of work on either side.
  for (const int64_t r : {511, 512, 513, 1030}) {
    for (const int64_t s : {1, 65}) transpose(r, s);
  }
}

// Elements that are whole vectors.
void moves() {
  for (const int64_t bytes : {2, 3, 16, 37, 256}) {
    check({"transpose of " + std::to_string(bytes) + " bytes",
           OCTET_TRANSPOSE,
           {bytes},
           {},
           {1, 520, 70},
           {make(OCTET_U8, 520 * 70 * bytes, Fill::kRandom, 1)},
           OCTET_U8});
  }
}

void concats() {
  for (const int type : {OCTET_U8, OCTET_S8, OCTET_F32}) {
    const int64_t zp = type == OCTET_S8 ? -5 : 120;
    for (const int64_t outer : {1, 3, 17, 2000}) {
      for (const int64_t n : sizes()) {
        if (outer == 2000 && n > 70) continue;
        const int64_t inner[] = {n, 0, 5, n / 2 + 1};
        std::vector<int64_t> attributes = {type, 4, bits(1.0f / 0.05f), zp, zp - 100, zp + 100};
        std::vector<int64_t> dims = {outer};
        std::vector<Data> inputs;
        for (int i = 0; i < 4; i++) {
          attributes.insert(attributes.end(), {bits(0.03f * static_cast<float>(i + 1)), zp - i, i % 2});
          dims.push_back(inner[i]);
          inputs.push_back(make(type, outer * inner[i], Fill::kRandom, static_cast<uint64_t>(n + i)));
        }
        check({"concat n=" + std::to_string(n), OCTET_CONCAT, attributes, {}, dims, inputs, type}, 1);
      }
    }
  }
}

void statistics() {
  constexpr float kInf = std::numeric_limits<float>::infinity(), kNan = std::numeric_limits<float>::quiet_NaN();
  for (const Fill fill : kFills) {
    for (const int64_t n : sizes()) {
      const Data x = make(OCTET_F32, n, fill, static_cast<uint64_t>(n));
      check({"minmax n=" + std::to_string(n), OCTET_MINMAX_F32, {0}, {}, {1, 1, n}, {x}, OCTET_F32},
            static_cast<int>(n % 3));
      for (const float hi : {50.0f, kInf, -10.0f}) {
        check({"histogram n=" + std::to_string(n),
               OCTET_HISTOGRAM_F32,
               {37},
               {},
               {n},
               {x, of(OCTET_F32, std::vector<float>{-10, hi})},
               OCTET_S32});
      }
      for (const int64_t outer : {1, 2, 5}) {
        for (const int64_t inner : {1, 3, 40}) {
          check({"minmax per channel C=" + std::to_string(n),
                 OCTET_MINMAX_F32,
                 {1},
                 {},
                 {outer, n, inner},
                 {make(OCTET_F32, outer * n * inner, fill, static_cast<uint64_t>(n))},
                 OCTET_F32},
                static_cast<int>(n % 3));
        }
      }
    }
  }
  check({"minmax of blocks",
         OCTET_MINMAX_F32,
         {0},
         {},
         {3, 1, 300001},
         {make(OCTET_F32, 900003, Fill::kRandom, 3)},
         OCTET_F32},
        1);
  check({"minmax of nothing", OCTET_MINMAX_F32, {0}, {}, {0, 1, 5}, {make(OCTET_F32, 0, Fill::kRandom, 3)}, OCTET_F32});
  check({"minmax of NaN",
         OCTET_MINMAX_F32,
         {0},
         {},
         {1, 1, 3},
         {of(OCTET_F32, std::vector<float>{kNan, kNan, kNan})},
         OCTET_F32});
}

const Family transpose_family("transpose", transposes);
const Family move_family("transpose_vectors", moves);
const Family concat_family("concat", concats);
const Family statistics_family("statistics", statistics);

}  // namespace
