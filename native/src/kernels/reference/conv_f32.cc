// acc = +0; acc = fma(x, w, acc) over (kz, ky, kx, c), padded taps skipped; + bias; clamp.
#include "kernels/conv.h"
#include "kernels/scalar.h"

namespace {

void octet_conv_f32_1__reference(const OctetConvGeometry* g, const OctetConvF32* p, const float* in, float* out,
                                 int64_t y0, int64_t y1) {
  const int64_t group_in = g->cin / g->groups, group_out = g->cout / g->groups;
  for (int64_t row = y0; row < y1; row++) {
    const int64_t n = row / (g->od * g->oh), oz = row / g->oh % g->od, oy = row % g->oh;
    for (int64_t ox = 0; ox < g->ow; ox++) {
      for (int64_t o = 0; o < g->cout; o++) {
        float acc = 0;
        for (int64_t kz = 0; kz < g->kd; kz++) {
          const int64_t z = oz * g->sd - g->pad_front + kz * g->dd;
          if (z < 0 || z % g->ud != 0 || z / g->ud >= g->d) continue;
          for (int64_t ky = 0; ky < g->kh; ky++) {
            const int64_t y = oy * g->sh - g->pad_top + ky * g->dh;
            if (y < 0 || y % g->uh != 0 || y / g->uh >= g->h) continue;
            for (int64_t kx = 0; kx < g->kw; kx++) {
              const int64_t x = ox * g->sw - g->pad_left + kx * g->dw;
              if (x < 0 || x % g->uw != 0 || x / g->uw >= g->w) continue;
              const float* values = in + (((n * g->d + z / g->ud) * g->h + y / g->uh) * g->w + x / g->uw) * g->cin +
                                    o / group_out * group_in;
              const float* weights = p->weight + (((o * g->kd + kz) * g->kh + ky) * g->kw + kx) * group_in;
              for (int64_t c = 0; c < group_in; c++) acc = scalar::fma(values[c], weights[c], acc);
            }
          }
        }
        if (p->bias != nullptr) acc = acc + p->bias[o];
        out[(row * g->ow + ox) * g->cout + o] = scalar::clamp(acc, p->lo, p->hi);
      }
    }
  }
}

}  // namespace

extern "C" const ConvF32Kernel octet_conv_f32__reference = {octet_conv_f32_1__reference};
