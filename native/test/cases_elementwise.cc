#include "harness.h"
#include "octet/octet_kinds.h"

namespace {

using namespace test;

void quantize() {
  struct Q {
    int type;
    float scale;
    int zp, qmin, qmax;
  };
  static const Q kQ[] = {{OCTET_U8, 0.37f, 128, 0, 255}, {OCTET_S8, 1.0f, -7, -128, 127}, {OCTET_U8, 0.5f, 255, 0, 255},
                         {OCTET_U8, 3.0f, 0, 0, 127},    {OCTET_S8, 1e-38f, 0, -127, 127}};
  for (const Q& q : kQ) {
    for (int divide = 0; divide < 2; divide++) {
      for (const int64_t n : sizes()) {
        for (const Fill fill : kFills) {
          check({"quantize n=" + std::to_string(n), OCTET_QUANTIZE,
                 {q.type, bits(1.0f / q.scale), q.zp, q.qmin, q.qmax, divide, bits(q.scale), 0}, {}, {1, 1, n},
                 {make(OCTET_F32, n, fill, static_cast<uint64_t>(n))}, q.type},
                static_cast<int>(n % 4));
        }
      }
    }
  }
}

const Family quantize_family("quantize", quantize);

}  // namespace
