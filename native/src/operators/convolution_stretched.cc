// Along an axis stretched by u, outputs of one remainder modulo u see the same taps: every kstep-th, which meet neighbours
// of the input. So the outputs of one combination of remainders are a plain convolution with a part of the weights, and
// the whole is one for each combination, run into scratch memory and then dealt out. Taps keep their order.
#include "operators/convolution_stretched.h"

#include <string.h>

namespace octet {

namespace {

int64_t divisor(int64_t a, int64_t b) { return b == 0 ? a : divisor(b, a % b); }

// The outputs r, r + u, ... of one axis as a plain convolution: output number `crop` of it is the first.
struct Part {
  int64_t first_tap, step, taps;  // of the kernel; no taps: they hold nothing but the bias
  int64_t before, after, dilation, crop;
};

struct AxisView {
  int64_t kernel, before, after, dilation, up;
};

int64_t stretched(int64_t size, int64_t up) { return size == 0 ? 0 : (size - 1) * up + 1; }

int64_t outputs(const AxisView& a, int64_t size) {
  return stretched(size, a.up) + a.before + a.after - a.dilation * (a.kernel - 1);
}

// Of `size` outputs those of remainder r.
int64_t count(int64_t size, int64_t r, int64_t up) { return size > r ? (size - r - 1) / up + 1 : 0; }

Part part_of(const AxisView& a, int64_t r) {
  Part p = {0, 1, 0, 0, 0, 1, 0};
  const int64_t common = divisor(a.dilation, a.up);
  p.step = a.up / common;
  while (p.first_tap < p.step && ((r - a.before + p.first_tap * a.dilation) % a.up != 0)) p.first_tap++;
  if (p.first_tap == p.step || p.first_tap >= a.kernel) return p;
  p.taps = (a.kernel - p.first_tap - 1) / p.step + 1;
  p.dilation = a.dilation / common;
  const int64_t begin =
      (r - a.before + p.first_tap * a.dilation) / a.up;  // place in the input of the first output's first tap
  p.before = begin < 0 ? -begin : 0;
  p.crop = begin > 0 ? begin : 0;
  // Enough of them, whatever the size of the input: both grow by one with it.
  const int64_t size = int64_t{1} << 20;
  const int64_t wanted = count(outputs(a, size), r, a.up) + p.crop;
  const int64_t without = size + p.before - p.dilation * (p.taps - 1);
  p.after = wanted > without ? wanted - without : 0;
  return p;
}

class Stretched final : public Operator {
 public:
  ~Stretched() override {
    for (int64_t i = 0; i < children_.size(); i++) delete children_[i];
  }
  int32_t init(const StretchedSpec& what, const Spec& spec);
  int32_t shape(const int64_t* dims, int32_t slots, Context** context) const override;

 private:
  class DealContext;

  bool gather(const Spec& spec, const Part& z, const Part& y, const Part& x, Array<uint8_t>* part) const;

  StretchedSpec what_ = {};
  OctetConvGeometry g_ = {};
  Array<Part> zs_, ys_, xs_;
  Array<Operator*> children_;  // [uz][uy][ux], null where there is no tap
  Array<uint8_t> nothing_;
};

class Stretched::DealContext final : public Context {
 public:
  DealContext(const Stretched& op, const OctetConvGeometry& g) : op_(op), g_(g) {}
  ~DealContext() override {
    for (int64_t i = 0; i < children_.size(); i++) delete children_[i].context;
  }

  int32_t init() {
    if (!children_.resize(op_.children_.size())) return OCTET_OUT_OF_MEMORY;
    for (int64_t i = 0; i < children_.size(); i++) children_[i] = {nullptr, 0, 0, 0, 0, 0};
    phases = 2;
    const bool empty = g_.d == 0 || g_.h == 0 || g_.w == 0;  // nothing is seen
    for (int64_t i = 0; i < children_.size(); i++) {
      Child& c = children_[i];
      c.first_row = rows[0];
      c.at = shared_bytes;
      const int64_t rz = i / (g_.uh * g_.uw), ry = i / g_.uw % g_.uh, rx = i % g_.uw;
      const bool any = count(g_.od, rz, g_.ud) > 0 && count(g_.oh, ry, g_.uh) > 0 && count(g_.ow, rx, g_.uw) > 0;
      if (op_.children_[i] == nullptr || !any || empty) continue;
      const Part &z = op_.zs_[rz], &y = op_.ys_[ry], &x = op_.xs_[rx];
      c.od = g_.d + z.before + z.after - z.dilation * (z.taps - 1);
      c.oh = g_.h + y.before + y.after - y.dilation * (y.taps - 1);
      c.ow = g_.w + x.before + x.after - x.dilation * (x.taps - 1);
      const int64_t dims[] = {g_.n, g_.d, g_.h, g_.w};
      const int32_t status = op_.children_[i]->shape(dims, 4, &c.context);
      if (status != OCTET_OK) return status;
      rows[0] += c.context->rows[0];
      shared_bytes += align_up(c.context->output_bytes + 64);
      if (c.context->thread_bytes > thread_bytes) thread_bytes = c.context->thread_bytes;
    }
    rows[1] = g_.n * g_.od * g_.oh;
    row_bytes = g_.ow * g_.cout * op_.what_.element;
    output_bytes = rows[1] * row_bytes;
    return OCTET_OK;
  }

  void run_rows(const Buffers& b, int phase, int64_t y0, int64_t y1) const override {
    if (phase == 1) {
      for (int64_t row = y0; row < y1; row++) deal(b, row);
      return;
    }
    for (int64_t i = 0; i < children_.size(); i++) {
      const Child& c = children_[i];
      if (c.context == nullptr) continue;
      const int64_t begin = y0 > c.first_row ? y0 - c.first_row : 0;
      const int64_t end = y1 - c.first_row < c.context->rows[0] ? y1 - c.first_row : c.context->rows[0];
      const Buffers own = {b.in, b.shared + c.at, nullptr, b.scratch};
      if (begin < end) c.context->run_rows(own, 0, begin, end);
    }
  }

 private:
  struct Child {
    Context* context;
    int64_t first_row, at;  // in rows[0], in shared memory
    int64_t od, oh, ow;
  };

  // One row of the output from those of its children.
  void deal(const Buffers& b, int64_t row) const {
    const int64_t oy = row % g_.oh, oz = row / g_.oh % g_.od, n = row / g_.oh / g_.od;
    const int64_t bytes = g_.cout * op_.what_.element;
    const int64_t rz = oz % g_.ud, ry = oy % g_.uh;
    const int64_t z = oz / g_.ud + op_.zs_[rz].crop, y = oy / g_.uh + op_.ys_[ry].crop;
    for (int64_t rx = 0; rx < g_.uw; rx++) {
      const Child& c = children_[(rz * g_.uh + ry) * g_.uw + rx];
      const int64_t pixels = count(g_.ow, rx, g_.uw);
      uint8_t* to = b.out + (row * g_.ow + rx) * bytes;
      const bool seen = c.context != nullptr;
      const uint8_t* from = op_.nothing_.data();
      if (seen) from = b.shared + c.at + (((n * c.od + z) * c.oh + y) * c.ow + op_.xs_[rx].crop) * bytes;
      for (int64_t p = 0; p < pixels; p++) {
        memcpy(to, from, static_cast<size_t>(bytes));
        to += g_.uw * bytes;
        if (seen) from += bytes;
      }
    }
  }

  const Stretched& op_;
  OctetConvGeometry g_;
  Array<Child> children_;
};

// The weights of some taps, [cout][taps][cin / groups].
bool Stretched::gather(const Spec& spec, const Part& z, const Part& y, const Part& x, Array<uint8_t>* part) const {
  const int64_t bytes = g_.cin / g_.groups * what_.element, taps = z.taps * y.taps * x.taps;
  if (!part->resize(g_.cout * taps * bytes)) return false;
  const uint8_t* all = spec.constant<uint8_t>(0);
  uint8_t* to = part->data();
  for (int64_t o = 0; o < g_.cout; o++) {
    for (int64_t tap = 0; tap < taps; tap++) {
      const int64_t kz = z.first_tap + tap / (y.taps * x.taps) * z.step;
      const int64_t ky = y.first_tap + tap / x.taps % y.taps * y.step;
      const int64_t kx = x.first_tap + tap % x.taps * x.step;
      memcpy(to, all + (((o * g_.kd + kz) * g_.kh + ky) * g_.kw + kx) * bytes, static_cast<size_t>(bytes));
      to += bytes;
    }
  }
  return true;
}

int32_t Stretched::init(const StretchedSpec& what, const Spec& spec) {
  what_ = what;
  if (!read_convolution(spec, what.first_slot, what.depth_slot, &g_) || spec.constant<uint8_t>(0) == nullptr) {
    return OCTET_INVALID_ARGUMENT;
  }
  const int slots = what.depth_slot + 5;
  int64_t parts;
  Array<int64_t> attributes;
  if (!product(&parts, g_.ud, g_.uh, g_.uw) || !zs_.resize(g_.ud) || !ys_.resize(g_.uh) || !xs_.resize(g_.uw) ||
      !children_.resize(parts) || !nothing_.resize(g_.cout * what.element) ||
      !attributes.assign(spec.attributes, slots)) {
    return OCTET_OUT_OF_MEMORY;
  }
  for (int64_t i = 0; i < parts; i++) children_[i] = nullptr;
  for (int64_t r = 0; r < g_.ud; r++) zs_[r] = part_of({g_.kd, g_.pad_front, g_.pad_back, g_.dd, g_.ud}, r);
  for (int64_t r = 0; r < g_.uh; r++) ys_[r] = part_of({g_.kh, g_.pad_top, g_.pad_bottom, g_.dh, g_.uh}, r);
  for (int64_t r = 0; r < g_.uw; r++) xs_[r] = part_of({g_.kw, g_.pad_left, g_.pad_right, g_.dw, g_.uw}, r);
  int64_t constants[4] = {0, 0, 0, 0};
  const int32_t constant_count = spec.constant_count < 4 ? spec.constant_count : 4;
  for (int32_t i = 1; i < constant_count; i++) constants[i] = spec.constants[i];
  for (int64_t i = 0; i < parts; i++) {
    const Part &z = zs_[i / (g_.uh * g_.uw)], &y = ys_[i / g_.uw % g_.uh], &x = xs_[i % g_.uw];
    if (z.taps == 0 || y.taps == 0 || x.taps == 0) continue;
    Array<uint8_t> weight;
    if (!gather(spec, z, y, x, &weight)) return OCTET_OUT_OF_MEMORY;
    constants[0] = reinterpret_cast<int64_t>(weight.data());
    int64_t* plane = attributes.data() + what.first_slot + 2;
    const int64_t window[] = {y.taps, x.taps, 1, 1, y.before, x.before, y.after, x.after, y.dilation, x.dilation};
    for (int k = 0; k < 10; k++) plane[k] = window[k];
    const int64_t depth[] = {z.taps, 1, z.before, z.after, z.dilation};
    for (int k = 0; k < 5; k++) attributes[what.depth_slot + k] = depth[k];
    const Spec part = {spec.isa, spec.kernels, attributes.data(), slots, constants, constant_count};
    const int32_t status = what.factory(part, &children_[i]);
    if (status != OCTET_OK) return status;
  }
  what.nothing(spec, g_, nothing_.data());
  return OCTET_OK;
}

int32_t Stretched::shape(const int64_t* dims, int32_t slots, Context** context) const {
  OctetConvGeometry g = g_;
  if (!shape_convolution(dims, slots, &g)) return OCTET_INVALID_ARGUMENT;
  return initialised(new DealContext(*this, g), context);
}

}  // namespace

int32_t create_stretched(const StretchedSpec& what, const Spec& spec, Operator** op) {
  return initialised(new Stretched, op, what, spec);
}

}  // namespace octet
