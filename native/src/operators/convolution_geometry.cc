#include "operators/convolution_geometry.h"

namespace octet {

namespace {

Segment taps_of(int64_t out, int64_t in, int64_t kernel, int64_t stride, int64_t pad, int64_t dilation) {
  const int64_t origin = out * stride - pad;
  int64_t k0 = origin < 0 ? (-origin + dilation - 1) / dilation : 0;
  int64_t k1 = origin < in ? (in - origin + dilation - 1) / dilation : 0;
  if (k1 > kernel) k1 = kernel;
  if (k0 >= k1) k0 = k1 = 0;
  const int32_t at = static_cast<int32_t>(out);
  return {at, at + 1, static_cast<int32_t>(k0), static_cast<int32_t>(k1)};
}

int64_t stretch(int64_t size, int64_t up) { return size == 0 ? 0 : (size - 1) * up + 1; }

}  // namespace

bool cut_axis(int64_t in, int64_t out, int64_t kernel, int64_t stride, int64_t pad, int64_t dilation,
              Array<Segment>* segments) {
  for (int pass = 0; pass < 2; pass++) {  // count, then fill
    int64_t count = 0;
    Segment last = {0, 0, -1, -1};
    for (int64_t o = 0; o < out; o++) {
      const Segment s = taps_of(o, in, kernel, stride, pad, dilation);
      if (s.k0 == last.k0 && s.k1 == last.k1) {
        if (pass == 1) (*segments)[count - 1].end = s.end;
      } else {
        if (pass == 1) (*segments)[count] = s;
        count++;
        last = s;
      }
    }
    if (pass == 0 && !segments->resize(count)) return false;
  }
  return true;
}

bool read_convolution(const Spec& spec, int first, int depth_slot, OctetConvGeometry* g) {
  constexpr int kFields = 21, kDeep = 18, kPlane = 13;
  int64_t* const fields[kFields] = {&g->cin,     &g->cout,     &g->kh,         &g->kw,        &g->sh,       &g->sw,
                                    &g->pad_top, &g->pad_left, &g->pad_bottom, &g->pad_right, &g->dh,       &g->dw,
                                    &g->groups,  &g->kd,       &g->sd,         &g->pad_front, &g->pad_back, &g->dd,
                                    &g->ud,      &g->uh,       &g->uw};
  const int64_t kLimit = int64_t{1} << 30;
  const int extra = spec.attribute_slots - depth_slot;
  const int count = extra >= kFields - kPlane ? kFields : extra >= kDeep - kPlane ? kDeep : kPlane;
  for (int i = 0; i < count; i++) {
    const int64_t value = spec.integer(i < kPlane ? first + i : depth_slot + i - kPlane);
    const bool is_pad = (i >= 6 && i <= 9) || i == 15 || i == 16;
    if (value < (is_pad ? 0 : 1) || value > kLimit) return false;
    *fields[i] = value;
  }
  const int64_t kMostUp = 256, kMostParts = 4096;
  if (g->ud > kMostUp || g->uh > kMostUp || g->uw > kMostUp || g->ud * g->uh * g->uw > kMostParts) return false;
  if (g->ud * g->uh * g->uw > 1 && (g->sd != 1 || g->sh != 1 || g->sw != 1)) return false;
  g->n = g->h = g->w = g->oh = g->ow = 0;
  int64_t weights;
  return g->cin % g->groups == 0 && g->cout % g->groups == 0 &&
         product(&weights, g->cout, g->kd, g->kh, g->kw, g->cin / g->groups, int64_t{4});
}

bool shape_convolution(const int64_t* dims, int32_t slots, OctetConvGeometry* g) {
  if (slots < 3) return false;
  const bool deep = slots > 3;
  const int64_t kLimit = int64_t{1} << 31;
  for (int i = 0; i < (deep ? 4 : 3); i++) {
    if (dims[i] < 0 || dims[i] >= kLimit) return false;
  }
  g->n = dims[0];
  g->d = deep ? dims[1] : 1;
  g->h = dims[deep ? 2 : 1];
  g->w = dims[deep ? 3 : 2];
  const int64_t free_z = stretch(g->d, g->ud) + g->pad_front + g->pad_back - g->dd * (g->kd - 1) - 1;
  const int64_t free_y = stretch(g->h, g->uh) + g->pad_top + g->pad_bottom - g->dh * (g->kh - 1) - 1;
  const int64_t free_x = stretch(g->w, g->uw) + g->pad_left + g->pad_right - g->dw * (g->kw - 1) - 1;
  if (free_z < 0 || free_y < 0 || free_x < 0) return false;
  g->od = free_z / g->sd + 1;
  g->oh = free_y / g->sh + 1;
  g->ow = free_x / g->sw + 1;
  int64_t in, out;
  if (!product(&in, g->n, g->d, g->h, g->w, g->cin, int64_t{4}) ||
      !product(&out, g->n, g->od, g->oh, g->ow, g->cout, int64_t{4})) {
    return false;
  }
  if (is_planar(*g)) {
    g->n *= g->d;
    g->d = g->od = 1;
  }
  return true;
}

}  // namespace octet
