// FAKE_QUANTIZE and FAKE_QUANTIZE_GRAD.
#include "kernels/dynamic_qparams.h"
#include "kernels/scalar.h"
#include "operators/blocks.h"

namespace octet {

namespace {

constexpr OctetMinMax kNothing = {__builtin_inff(), -__builtin_inff(), 0.0f};
constexpr int64_t kMostCodes = 1 << 16;

struct State {
  float min, max, scale, zero_point;
};

struct Range {
  int32_t qmin, qmax;

  static bool read(const Spec& spec, Range* range) {
    const int64_t qmin = spec.integer(0), qmax = spec.integer(1);
    if (qmin < -kMostCodes || qmax > kMostCodes || qmin >= qmax || qmax - qmin >= kMostCodes) return false;
    *range = {static_cast<int32_t>(qmin), static_cast<int32_t>(qmax)};
    return true;
  }

  OctetFakeQuantizeParams params(const State& s) const {
    const float least = static_cast<float>(qmin), most = static_cast<float>(qmax);
    float z = s.zero_point > least ? s.zero_point : least;
    z = z < most ? z : most;
    z = static_cast<float>(scalar::rint(z));
    return {1.0f / s.scale, least - z, most - z, s.scale};
  }
};

enum Observe { kKeep, kAverage, kWiden };
enum Rule { kGiven, kObserver, kDynamic };

struct Choice {
  Range range;
  Observe observe;
  float averaging;
  Rule rule;
  bool symmetric;
  float symmetric_zero_point;
  float eps;

  // One bound after a tensor with the bound `batch`.
  float merged(float known, float batch, bool minimum) const {
    if (observe == kAverage) return known + averaging * (batch - known);
    return minimum ? (batch < known ? batch : known) : (batch > known ? batch : known);
  }

  void take(const OctetMinMax& seen, State* s) const {
    const float lo = seen.min + 0.0f, hi = seen.max + 0.0f;  // -0 counts as +0
    if (seen.nan != 0) {
      s->min = s->max = __builtin_nanf("");
    } else if (!(lo <= hi)) {
      return;
    } else if (s->min == kNothing.min && s->max == kNothing.max) {
      s->min = lo;
      s->max = hi;
    } else {
      s->min = merged(s->min, lo, true);
      s->max = merged(s->max, hi, false);
    }
  }

  // The new state, `seen` being the minimum and maximum of the values (of no meaning unless observed).
  State next(const State& before, const OctetMinMax& seen) const {
    State s = before;
    if (observe != kKeep) take(seen, &s);
    if (rule == kDynamic) {
      const DynamicQParams q = choose_qparams(s.min, s.max, range.qmin, range.qmax, symmetric);
      s.scale = q.scale;
      s.zero_point = static_cast<float>(q.zero_point);
    } else if (rule == kObserver) {
      by_observer(&s);
    }
    return s;
  }

 private:
  void by_observer(State* s) const {
    const bool ordered = s->min <= s->max;
    const float lo = ordered && s->min < 0 ? s->min : 0, hi = ordered && s->max > 0 ? s->max : 0;
    const float span = static_cast<float>(range.qmax - range.qmin);
    const float reach = symmetric ? (-lo > hi ? -lo : hi) / (span / 2) : (hi - lo) / span;
    s->scale = reach > eps ? reach : eps;
    if (symmetric) {
      s->zero_point = symmetric_zero_point;
      return;
    }
    const float steps = lo / s->scale;  // down from zero; NaN only where the range is infinite
    s->zero_point = static_cast<float>(range.qmin - scalar::rint(steps > -span ? steps : -span));
  }
};

State* new_state(const Buffers& b, int64_t count) { return reinterpret_cast<State*>(output<float>(b) + count); }

// One range for all: minima of blocks, then the parameters, then the rounding.
class FlatContext final : public Context {
 public:
  FlatContext(const KernelTable& kernels, const Choice& choice, int64_t count)
      : minmax_(kernels.minmax_f32), kernel_(kernels.fake_quantize), choice_(choice), count_(count) {
    block_ = kBlock * ((count / kBlock) / 64 + 1);  // at most 64 partial results
    inputs = 2;
    phases = 3;
    rows[0] = choice.observe != kKeep ? blocks(count, block_) : 0;
    rows[1] = 1;
    rows[2] = blocks(count);
    output_bytes = count * 4 + static_cast<int64_t>(sizeof(State));
    shared_bytes = rows[0] * static_cast<int64_t>(sizeof(OctetMinMax));
  }

  void run_rows(const Buffers& b, int phase, int64_t y0, int64_t y1) const override {
    OctetMinMax* const parts = reinterpret_cast<OctetMinMax*>(b.shared);
    if (y0 == y1) return;
    if (phase == 0) {
      for (int64_t y = y0; y < y1; y++) {
        const int64_t begin = y * block_, left = count_ - begin;
        parts[y] = kNothing;
        minmax_->flat(input<float>(b, 0) + begin, left < block_ ? left : block_, &parts[y]);
      }
    } else if (phase == 1) {
      OctetMinMax all = kNothing;
      for (int64_t i = 0; i < rows[0]; i++) {
        all.min = parts[i].min < all.min ? parts[i].min : all.min;
        all.max = parts[i].max > all.max ? parts[i].max : all.max;
        all.nan = parts[i].nan > all.nan ? parts[i].nan : all.nan;
      }
      *new_state(b, count_) = choice_.next(*input<State>(b, 1), all);
    } else {
      const OctetFakeQuantizeParams params = choice_.range.params(*new_state(b, count_));
      const int64_t begin = y0 * kBlock, end = y1 * kBlock < count_ ? y1 * kBlock : count_;
      kernel_->run(input<float>(b, 0) + begin, end - begin, &params, output<float>(b) + begin);
    }
  }

 private:
  const MinMaxKernel* minmax_;
  const FakeQuantizeKernel* kernel_;
  Choice choice_;
  int64_t count_, block_;
};

// A range for each channel of [outer][C][inner]: its values are still in the cache when they are rounded.
class ChannelContext final : public Context {
 public:
  ChannelContext(const KernelTable& kernels, const Choice& choice, int64_t outer, int64_t channels, int64_t inner)
      : minmax_(kernels.minmax_f32),
        kernel_(kernels.fake_quantize),
        choice_(choice),
        outer_(outer),
        channels_(channels),
        inner_(inner) {
    inputs = 2;
    rows[0] = channels;
    output_bytes = outer * channels * inner * 4 + channels * static_cast<int64_t>(sizeof(State));
  }

  void run_rows(const Buffers& b, int, int64_t y0, int64_t y1) const override {
    const int64_t step = channels_ * inner_;
    for (int64_t c = y0; c < y1; c++) {
      const float* const x = input<float>(b, 0) + c * inner_;
      OctetMinMax seen = kNothing;
      for (int64_t o = 0; choice_.observe != kKeep && o < outer_; o++) minmax_->flat(x + o * step, inner_, &seen);
      State* const state = new_state(b, outer_ * step) + c;
      *state = choice_.next(input<State>(b, 1)[c], seen);
      const OctetFakeQuantizeParams params = choice_.range.params(*state);
      float* const y = output<float>(b) + c * inner_;
      for (int64_t o = 0; o < outer_; o++) kernel_->run(x + o * step, inner_, &params, y + o * step);
    }
  }

 private:
  const MinMaxKernel* minmax_;
  const FakeQuantizeKernel* kernel_;
  Choice choice_;
  int64_t outer_, channels_, inner_;
};

bool read(const int64_t* dims, int32_t slots, int64_t* count) {
  int64_t states;
  if (slots < 3 || !product(count, dims[0], dims[1], dims[2], int64_t{4})) return false;
  *count /= 4;
  return product(&states, dims[1], int64_t{16});
}

class FakeQuantize final : public Operator {
 public:
  FakeQuantize(const Spec& spec, const Choice& choice) : kernels_(*spec.kernels), choice_(choice) {}

  int32_t shape(const int64_t* dims, int32_t slots, Context** context) const override {
    int64_t count;
    if (!read(dims, slots, &count)) return OCTET_INVALID_ARGUMENT;
    if (dims[1] != 1) return made(new ChannelContext(kernels_, choice_, dims[0], dims[1], dims[2]), context);
    return made(new FlatContext(kernels_, choice_, count), context);
  }

 private:
  const KernelTable& kernels_;
  Choice choice_;
};

class GradContext final : public Context {
 public:
  GradContext(const FakeQuantizeKernel* kernel, const Range& range, int64_t runs, int64_t channels, int64_t inner)
      : kernel_(kernel), range_(range), channels_(channels), inner_(inner) {
    inputs = 3;
    rows[0] = runs;
    output_bytes = runs * inner * 4;
  }

  void run_rows(const Buffers& b, int, int64_t y0, int64_t y1) const override {
    for (int64_t y = y0; y < y1; y++) {
      const OctetFakeQuantizeParams params = range_.params(input<State>(b, 2)[y % channels_]);
      kernel_->grad(input<float>(b, 0) + y * inner_, input<float>(b, 1) + y * inner_, inner_, &params,
                    output<float>(b) + y * inner_);
    }
  }

 private:
  const FakeQuantizeKernel* kernel_;
  Range range_;
  int64_t channels_, inner_;
};

class FakeQuantizeGrad final : public Operator {
 public:
  FakeQuantizeGrad(const Spec& spec, const Range& range) : kernel_(spec.kernels->fake_quantize), range_(range) {}

  int32_t shape(const int64_t* dims, int32_t slots, Context** context) const override {
    int64_t count;
    if (!read(dims, slots, &count)) return OCTET_INVALID_ARGUMENT;
    if (dims[1] != 1) return made(new GradContext(kernel_, range_, dims[0] * dims[1], dims[1], dims[2]), context);
    const auto kernel = kernel_;
    const Range range = range_;
    const auto body = [=](const Buffers& b, int64_t begin, int64_t end) {
      const OctetFakeQuantizeParams params = range.params(*input<State>(b, 2));
      kernel->grad(input<float>(b, 0) + begin, input<float>(b, 1) + begin, end - begin, &params,
                   output<float>(b) + begin);
    };
    return make_blocks(count, 3, count * 4, body, context);
  }

 private:
  const FakeQuantizeKernel* kernel_;
  Range range_;
};

}  // namespace

int32_t create_fake_quantize(const Spec& spec, Operator** op) {
  Choice c;
  if (!Range::read(spec, &c.range)) return OCTET_INVALID_ARGUMENT;
  if (spec.integer(2) < kKeep || spec.integer(2) > kWiden || spec.integer(4) < kGiven || spec.integer(4) > kDynamic ||
      spec.integer(6) < c.range.qmin || spec.integer(6) > c.range.qmax) {
    return OCTET_INVALID_ARGUMENT;
  }
  c.observe = static_cast<Observe>(spec.integer(2));
  c.averaging = spec.real(3);
  c.rule = static_cast<Rule>(spec.integer(4));
  c.symmetric = spec.integer(5) != 0;
  c.symmetric_zero_point = static_cast<float>(spec.integer(6));
  c.eps = spec.real(7);
  return made(new FakeQuantize(spec, c), op);
}

int32_t create_fake_quantize_grad(const Spec& spec, Operator** op) {
  Range range;
  if (!Range::read(spec, &range)) return OCTET_INVALID_ARGUMENT;
  return made(new FakeQuantizeGrad(spec, range), op);
}

}  // namespace octet
