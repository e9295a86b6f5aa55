#include "harness.h"
#include "octet/octet_kinds.h"

namespace {

using namespace test;

struct Shape {
  int64_t h, w, k, stride, pad, dilation;
};

const Shape kShapes[] = {{1, 1, 1, 1, 0, 1},  {5, 7, 3, 1, 1, 1}, {8, 8, 2, 2, 0, 1}, {9, 11, 3, 2, 1, 1},
                         {6, 13, 5, 3, 2, 1}, {9, 9, 3, 1, 1, 2}, {2, 3, 3, 1, 1, 1}, {5, 6, 2, 1, 0, 1},
                         {7, 8, 3, 3, 0, 1},  {7, 9, 3, 2, 0, 1}};
const int64_t kChannels[] = {1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 127, 131};

void pools() {
  for (const int type : {OCTET_U8, OCTET_S8, OCTET_F32}) {
    const int64_t zp = type == OCTET_S8 ? -5 : 131, qmin = type == OCTET_S8 ? -128 : 0,
                  qmax = type == OCTET_S8 ? 127 : 255;
    for (const Shape& s : kShapes) {
      const int64_t oh = (s.h + 2 * s.pad - s.dilation * (s.k - 1) - 1) / s.stride + 1;
      const int64_t ow = (s.w + 2 * s.pad - s.dilation * (s.k - 1) - 1) / s.stride + 1;
      for (const int64_t c : kChannels) {
        for (const Fill fill : kFills) {
          const std::vector<Data> x = {make(type, 2 * s.h * s.w * c, fill, static_cast<uint64_t>(c))};
          const std::vector<int64_t> dims = {2, s.h, s.w, oh, ow};
          const std::string name =
              " type " + std::to_string(type) + " k " + std::to_string(s.k) + " c " + std::to_string(c);
          const int misalign = static_cast<int>(c % 5);
          check({"maxpool" + name,
                 OCTET_MAXPOOL,
                 {type, c, s.k, s.k, s.stride, s.stride, s.pad, s.pad, s.dilation, s.dilation},
                 {},
                 dims,
                 x,
                 type},
                misalign);
          if (s.dilation != 1) continue;
          for (int include = 0; include < 2; include++) {
            check({"avgpool" + name,
                   OCTET_AVGPOOL,
                   {type, c, s.k, s.k, s.stride, s.stride, s.pad, s.pad, s.pad, s.pad, include, include ? 0 : c % 3 * 5,
                    zp, qmin, qmax, c & 1},
                   {},
                   dims,
                   x,
                   type},
                  misalign);
          }
          for (const int64_t out : {int64_t{1}, int64_t{2}, int64_t{3}, s.h}) {
            check({"adaptive_avgpool" + name,
                   OCTET_ADAPTIVE_AVGPOOL,
                   {type, c, zp, qmin, qmax, c & 1},
                   {},
                   {2, s.h, s.w, out, out},
                   x,
                   type},
                  misalign);
          }
        }
      }
    }
  }
}

// Windows around and past what sums of 16 bits hold.
void large_windows() {
  for (const int type : {OCTET_U8, OCTET_S8}) {
    const int64_t qmin = type == OCTET_S8 ? -128 : 0;
    for (const int64_t c : {1, 7, 8, 16, 33, 64, 131}) {
      for (const int64_t h : {1, 15, 16, 17, 40}) {
        for (const Fill fill : kFills) {
          const std::vector<Data> x = {make(type, h * 17 * h * c, fill, static_cast<uint64_t>(c + h))};
          check({"adaptive_avgpool of " + std::to_string(h) + "x" + std::to_string(17 * h),
                 OCTET_ADAPTIVE_AVGPOOL,
                 {type, c, qmin + 100, qmin + 3, qmin + 250, c & 1},
                 {},
                 {1, h, 17 * h, 1, h % 3 + 1},
                 x,
                 type});
          const std::vector<int64_t> attributes = {type, c, h, h,     1,        1,    0,          0,
                                                   0,    0, 0, c & 1, qmin + 9, qmin, qmin + 255, 0};
          check({"avgpool k " + std::to_string(h),
                 OCTET_AVGPOOL,
                 attributes,
                 {},
                 {1, h, 17 * h, 1, 16 * h + 1},
                 x,
                 type});
        }
      }
    }
  }
}

const Family family("pooling", pools);
const Family large_family("pooling_large", large_windows);

}  // namespace
