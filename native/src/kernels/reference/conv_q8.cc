// acc = sum (x - in_zp) * (w - w_zp[c]) + bias[c], mod 2^32;  q = clamp(out_zp + rint((float)acc * multiplier[c])).
#include "kernels/conv.h"
#include "kernels/scalar.h"

namespace {

void octet_conv_u8s8u8_1__reference(const OctetConvGeometry* g, const OctetConvQ8* p, const uint8_t* in, uint8_t* out,
                                    int64_t y0, int64_t y1) {
  const int64_t group_in = g->cin / g->groups, group_out = g->cout / g->groups;
  const float lo = static_cast<float>(p->qmin - p->out_zero_point);
  const float hi = static_cast<float>(p->qmax - p->out_zero_point);
  for (int64_t row = y0; row < y1; row++) {
    const int64_t n = row / (g->od * g->oh), oz = row / g->oh % g->od, oy = row % g->oh;
    for (int64_t ox = 0; ox < g->ow; ox++) {
      for (int64_t o = 0; o < g->cout; o++) {
        const int32_t weight_zero_point = p->weight_zero_point != nullptr ? p->weight_zero_point[o] : 0;
        uint32_t acc = p->bias != nullptr ? static_cast<uint32_t>(p->bias[o]) : 0;
        for (int64_t kz = 0; kz < g->kd; kz++) {
          const int64_t z = oz * g->sd - g->pad_front + kz * g->dd;
          if (z < 0 || z % g->ud != 0 || z / g->ud >= g->d) continue;
          for (int64_t ky = 0; ky < g->kh; ky++) {
            const int64_t y = oy * g->sh - g->pad_top + ky * g->dh;
            if (y < 0 || y % g->uh != 0 || y / g->uh >= g->h) continue;
            for (int64_t kx = 0; kx < g->kw; kx++) {
              const int64_t x = ox * g->sw - g->pad_left + kx * g->dw;
              if (x < 0 || x % g->uw != 0 || x / g->uw >= g->w) continue;
              const uint8_t* codes = in + (((n * g->d + z / g->ud) * g->h + y / g->uh) * g->w + x / g->uw) * g->cin +
                                     o / group_out * group_in;
              const int8_t* weights = p->weight + (((o * g->kd + kz) * g->kh + ky) * g->kw + kx) * group_in;
              for (int64_t c = 0; c < group_in; c++) {
                const int32_t code = p->in_signed ? static_cast<int8_t>(codes[c]) : codes[c];
                acc += static_cast<uint32_t>(code - p->in_zero_point) *
                       static_cast<uint32_t>(weights[c] - weight_zero_point);
              }
            }
          }
        }
        const float t = static_cast<float>(static_cast<int32_t>(acc)) * p->multiplier[o];
        out[(row * g->ow + ox) * g->cout + o] = scalar::to_code(t, lo, hi, p->out_zero_point);
      }
    }
  }
}

}  // namespace

extern "C" const ConvQ8Kernel octet_conv_q8__reference = {octet_conv_u8s8u8_1__reference};
