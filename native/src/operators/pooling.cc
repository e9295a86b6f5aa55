// MAXPOOL, AVGPOOL, ADAPTIVE_AVGPOOL over [N][H][W][C]. A window's valid taps are a grid, because each axis is clipped
// on its own: so the windows of a whole output row are described by one span a column.
#include "operators/blocks.h"

namespace octet {

namespace {

// The valid taps of one output position along one axis, and the extent that it counts for in an average.
struct Span {
  int64_t first, taps, extent;
};

struct Axis {
  int64_t size, outputs, kernel, stride, pad_begin, pad_end, dilation;
  bool count_include_pad;

  Span span(int64_t o) const {
    const int64_t start = o * stride - pad_begin;
    const int64_t before = start < 0 ? (-start + dilation - 1) / dilation : 0;  // taps in front of the input
    int64_t end = size > start ? (size - start + dilation - 1) / dilation : 0;  // taps up to its end
    if (end > kernel) end = kernel;
    Span s;
    s.taps = end > before ? end - before : 0;
    s.first = s.taps > 0 ? start + before * dilation : 0;
    // Only average pools ask, and they have no dilation.
    const int64_t padded_end = size + pad_end < start + kernel ? size + pad_end : start + kernel;
    s.extent = count_include_pad ? padded_end - start : s.taps;
    return s;
  }

  Span adaptive_span(int64_t o) const {
    const int64_t first = o * size / outputs, end = ((o + 1) * size + outputs - 1) / outputs;
    return {first, end - first, end - first};
  }
};

// What a pool computes from windows that share their counts.
struct Pool {
  int64_t type, channels;
  const MaxPoolKernel* max;  // one of the two
  const AveragePoolKernel* average;
  int64_t divisor;  // 0: the window's extent
  int32_t zero_point;
  float shift;     // what is added before rounding
  int32_t offset;  // and after it
  float lo, hi;

  void run(const uint8_t* x, const OctetWindow& w, int64_t extent, uint8_t* out) const {
    if (max != nullptr) {
      if (type == OCTET_F32) {
        max->f32(reinterpret_cast<const float*>(x), &w, reinterpret_cast<float*>(out));
      } else {
        (type == OCTET_U8 ? max->u8 : max->s8)(x, &w, out);
      }
      return;
    }
    // A window without any tap stands for real 0, whatever its divisor.
    const float count = static_cast<float>(w.nx * w.ny == 0 ? 1 : divisor != 0 ? divisor : extent);
    if (type == OCTET_F32) {
      average->f32(reinterpret_cast<const float*>(x), &w, count, reinterpret_cast<float*>(out));
    } else {
      const OctetAveragePoolParams params = {zero_point, 1.0f / count, shift, offset, lo, hi};
      (type == OCTET_U8 ? average->u8 : average->s8)(x, &w, &params, out);
    }
  }
};

// A row is a row of output pixels.
class PoolContext final : public Context {
 public:
  PoolContext(const Pool& pool, const Axis& y, const Axis& x) : pool_(pool), y_(y), x_(x) {}

  int32_t plan(int64_t images, bool adaptive) {
    adaptive_ = adaptive;
    int64_t in_count;
    rows[0] = 0;
    if (!product(&in_count, images, y_.size, x_.size, pool_.channels, int64_t{4}) ||
        !product(&output_bytes, images, y_.outputs, x_.outputs, pool_.channels, type_bytes(pool_.type))) {
      return OCTET_INVALID_ARGUMENT;
    }
    rows[0] = images * y_.outputs;
    if (!columns_.resize(x_.outputs)) return OCTET_OUT_OF_MEMORY;
    for (int64_t o = 0; o < x_.outputs; o++) columns_[o] = adaptive ? x_.adaptive_span(o) : x_.span(o);
    return OCTET_OK;
  }

  void run_rows(const Buffers& b, int, int64_t y0, int64_t y1) const override {
    const int64_t bytes = type_bytes(pool_.type), c = pool_.channels;
    OctetWindow w;
    w.row_stride = x_.size * c * y_.dilation;
    w.column_stride = c * x_.dilation;
    w.channels = c;
    w.out_stride = x_.outputs * c;
    for (int64_t row = y0; row < y1; row += w.lines) {
      const int64_t image = row / y_.outputs, o = row % y_.outputs;
      const auto span = [&](int64_t i) { return adaptive_ ? y_.adaptive_span(o + i) : y_.span(o + i); };
      const Span y = span(0);
      const int64_t rest = y_.outputs - o < y1 - row ? y_.outputs - o : y1 - row;
      const uint8_t* line = b.in[0] + (image * y_.size + y.first) * x_.size * c * bytes;
      uint8_t* out = b.out + row * w.out_stride * bytes;
      w.ny = y.taps;
      w.lines = same_steps(rest, span, &w.line_stride);
      w.line_stride *= x_.size * c;
      for (int64_t p = 0; p < x_.outputs; p += w.pixels) {
        const Span& x = columns_[p];
        w.nx = x.taps;
        const auto at = [&](int64_t i) { return columns_[p + i]; };
        w.pixels = same_steps(x_.outputs - p, at, &w.pixel_stride);
        w.pixel_stride *= c;
        pool_.run(line + x.first * c * bytes, w, y.extent * x.extent, out + p * c * bytes);
      }
    }
  }

 private:
  // How many of the first `count` spans have equal counts and stand equally far from each other.
  template <typename At>
  static int64_t same_steps(int64_t count, const At& at, int64_t* step) {
    const Span first = at(0);
    int64_t n = 1;
    *step = 0;
    for (; n < count; n++) {
      const Span s = at(n);
      if (n == 1) *step = s.first - first.first;
      if (s.taps != first.taps || s.extent != first.extent || s.first != first.first + n * *step) break;
    }
    return n;
  }

  Pool pool_;
  Axis y_, x_;
  bool adaptive_ = false;
  Array<Span> columns_;
};

class PoolOperator final : public Operator {
 public:
  PoolOperator(const Pool& pool, const Axis& y, const Axis& x, bool adaptive)
      : pool_(pool), y_(y), x_(x), adaptive_(adaptive) {}

  int32_t shape(const int64_t* dims, int32_t slots, Context** context) const override {
    if (slots < 5) return OCTET_INVALID_ARGUMENT;
    Axis y = y_, x = x_;
    y.size = dims[1], x.size = dims[2], y.outputs = dims[3], x.outputs = dims[4];
    if (y.size < 0 || x.size < 0 || y.outputs < 0 || x.outputs < 0) return OCTET_INVALID_ARGUMENT;
    PoolContext* made_context = new PoolContext(pool_, y, x);
    const int32_t status = made_context != nullptr ? made_context->plan(dims[0], adaptive_) : OCTET_OUT_OF_MEMORY;
    if (status != OCTET_OK) {
      delete made_context;
      made_context = nullptr;
    }
    *context = made_context;
    return status;
  }

 private:
  Pool pool_;
  Axis y_, x_;
  bool adaptive_;
};

bool is_pool_type(int64_t type) { return is_code_type(type) || type == OCTET_F32; }

bool valid(const Axis& a) {
  return a.kernel >= 1 && a.stride >= 1 && a.dilation >= 1 && a.pad_begin >= 0 && a.pad_end >= 0;
}

bool valid(const Pool& pool, const Axis& y, const Axis& x) {
  return is_pool_type(pool.type) && pool.channels >= 0 && pool.divisor >= 0 && valid(y) && valid(x);
}

void set_codes(const Spec& spec, int slot, Pool* pool) {
  pool->zero_point = static_cast<int32_t>(spec.integer(slot));
  const bool after = spec.integer(slot + 3) != 0;
  pool->shift = after ? static_cast<float>(pool->zero_point) : 0.0f;
  pool->offset = after ? 0 : pool->zero_point;
  pool->lo = bound(spec.integer(slot + 1), pool->offset);
  pool->hi = bound(spec.integer(slot + 2), pool->offset);
}

}  // namespace

int32_t create_maxpool(const Spec& spec, Operator** op) {
  Pool pool = {};
  pool.type = spec.integer(0);
  pool.channels = spec.integer(1);
  pool.max = spec.kernels->maxpool;
  const Axis y = {0, 0, spec.integer(2), spec.integer(4), spec.integer(6), 0, spec.integer(8), false};
  const Axis x = {0, 0, spec.integer(3), spec.integer(5), spec.integer(7), 0, spec.integer(9), false};
  if (!valid(pool, y, x)) return OCTET_INVALID_ARGUMENT;
  return made(new PoolOperator(pool, y, x, false), op);
}

int32_t create_avgpool(const Spec& spec, Operator** op) {
  Pool pool = {};
  pool.type = spec.integer(0);
  pool.channels = spec.integer(1);
  pool.average = spec.kernels->avgpool;
  pool.divisor = spec.integer(11);
  set_codes(spec, 12, &pool);
  const bool include = spec.integer(10) != 0;
  const Axis y = {0, 0, spec.integer(2), spec.integer(4), spec.integer(6), spec.integer(8), 1, include};
  const Axis x = {0, 0, spec.integer(3), spec.integer(5), spec.integer(7), spec.integer(9), 1, include};
  if (!valid(pool, y, x)) return OCTET_INVALID_ARGUMENT;
  return made(new PoolOperator(pool, y, x, false), op);
}

int32_t create_adaptive_avgpool(const Spec& spec, Operator** op) {
  Pool pool = {};
  pool.type = spec.integer(0);
  pool.channels = spec.integer(1);
  pool.average = spec.kernels->avgpool;
  set_codes(spec, 2, &pool);
  const Axis axis = {0, 0, 1, 1, 0, 0, 1, false};
  if (!valid(pool, axis, axis)) return OCTET_INVALID_ARGUMENT;
  return made(new PoolOperator(pool, axis, axis, true), op);
}

}  // namespace octet
