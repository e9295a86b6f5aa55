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

bool read_convolution(const Spec& spec, int first, OctetConvGeometry* g) {
  int64_t* const fields[] = {&g->cin,      &g->cout,       &g->kh,        &g->kw, &g->sh, &g->sw,    &g->pad_top,
                             &g->pad_left, &g->pad_bottom, &g->pad_right, &g->dh, &g->dw, &g->groups};
  const int64_t kLimit = int64_t{1} << 30;
  for (int i = 0; i < 13; i++) {
    const int64_t value = spec.integer(first + i);
    const bool is_pad = i >= 6 && i <= 9;
    if (value < (is_pad ? 0 : 1) || value > kLimit) return false;
    *fields[i] = value;
  }
  g->n = g->h = g->w = g->oh = g->ow = 0;
  int64_t weights;
  return g->cin % g->groups == 0 && g->cout % g->groups == 0 &&
         product(&weights, g->cout, g->kh, g->kw, g->cin / g->groups, int64_t{4});
}

bool shape_convolution(const int64_t* dims, int32_t slots, OctetConvGeometry* g) {
  if (slots < 3) return false;
  const int64_t kLimit = int64_t{1} << 31;
  for (int i = 0; i < 3; i++) {
    if (dims[i] < 0 || dims[i] >= kLimit) return false;
  }
  g->n = dims[0];
  g->h = dims[1];
  g->w = dims[2];
  const int64_t free_y = g->h + g->pad_top + g->pad_bottom - g->dh * (g->kh - 1) - 1;
  const int64_t free_x = g->w + g->pad_left + g->pad_right - g->dw * (g->kw - 1) - 1;
  if (free_y < 0 || free_x < 0) return false;
  g->oh = free_y / g->sh + 1;
  g->ow = free_x / g->sw + 1;
  int64_t in, out;
  return product(&in, g->n, g->h, g->w, g->cin, int64_t{4}) && product(&out, g->n, g->oh, g->ow, g->cout, int64_t{4});
}

}  // namespace octet
