// MATMUL_F32 and MATMUL_Q8: the right operand is an activation too, so it is packed at every run, panel by panel, for the
// kernels that serve the layers. The right operand's zero point is a term of row * column:
//
//     sum (a - za)(b - zb) = sum ab - zb * sum a - za * sum b + K za zb
//
// Phases: {packing} {product}. Results of codes are made in two steps, as floats in scratch and then rounded: the same bits
// as in one, since the first step is the product's own.
#include "operators/blocks.h"
#include "pack/panels.h"

namespace octet {

namespace {

class Matmul final : public Operator {
 public:
  Matmul(const KernelTable* kernels, bool codes, const OctetMatmul& p)
      : kernels_(kernels), gemm_(codes ? *kernels->gemm_q8 : *kernels->gemm_f32), codes_(codes), p_(p) {}

  int32_t shape(const int64_t* dims, int32_t slots, Context** context) const override;

 private:
  class PlainContext;
  class PanelContext;

  int64_t in_bytes() const { return codes_ ? 1 : 4; }
  int64_t out_bytes() const { return codes_ && p_.to_codes != 0 ? 1 : 4; }

  const KernelTable* kernels_;
  GemmKernel gemm_;
  bool codes_;
  OctetMatmul p_;
};

class Matmul::PlainContext final : public Context {
 public:
  PlainContext(const Matmul& op, int64_t batch, int64_t m, int64_t k, int64_t n) : op_(op), p_(op.p_), m_(m) {
    p_.k = k;
    p_.n = n;
    inputs = 2;
    rows[0] = n > 0 ? batch * m : 0;
    output_bytes = batch * m * n * op.out_bytes();
  }

  void run_rows(const Buffers& b, int, int64_t y0, int64_t y1) const override {
    for (int64_t y = y0; y < y1; y++) {
      const int64_t at = y * p_.k, matrix = y / m_ * p_.k * p_.n, to = y * p_.n;
      if (op_.codes_) {
        op_.kernels_->matmul->q8(b.in[0] + at, b.in[1] + matrix, 1, &p_, b.out + to * op_.out_bytes());
      } else {
        op_.kernels_->matmul->f32(input<float>(b, 0) + at, input<float>(b, 1) + matrix, 1, &p_, output<float>(b) + to);
      }
    }
  }

 private:
  const Matmul& op_;
  OctetMatmul p_;
  int64_t m_;
};

class Matmul::PanelContext final : public Context {
 public:
  explicit PanelContext(const Matmul& op) : op_(op), g_(op.gemm_) {}

  int32_t init(int64_t batch, int64_t m, int64_t k, int64_t n) {
    m_ = m;
    k_ = k;
    n_ = n;
    if (!layout_.init(g_, n, 1, k, false)) return OCTET_OUT_OF_MEMORY;
    const int64_t positions = layout_.positions(), steps = layout_.steps();
    if (steps > INT32_MAX || m > INT32_MAX) return OCTET_INVALID_ARGUMENT;
    row_bytes_ = steps * g_.k_group * g_.element;
    span_ = {0, 0, static_cast<int32_t>(steps), static_cast<int32_t>(k * op_.in_bytes())};
    // As many rows as leave a panel and their results in the cache.
    const int64_t row = k * op_.in_bytes() + (op_.out_bytes() == 1 ? 4 * n : 0);
    block_ = row > 0 ? 65536 / row : m;
    block_ = block_ < 12 ? 12 : block_ > 256 ? 256 : block_;
    blocks_ = blocks(m, block_);
    inputs = 2;
    phases = 2;
    rows[0] = m > 0 ? batch * layout_.count() : 0;
    rows[1] = n > 0 ? batch * blocks_ : 0;
    output_bytes = batch * m * n * op_.out_bytes();
    int64_t shared, scratch;
    if (!product(&shared, batch, align_up(layout_.bytes() + kReadablePastEnd)) ||
        !product(&scratch, block_, 4 * n + 2 * (k + g_.k_group) + kAlignment)) {
      return OCTET_INVALID_ARGUMENT;
    }
    shared_bytes = shared + align_up(batch * positions * 4);
    starts_ = shared;
    // Packing: a panel's columns as rows. Product: sums of rows, widened rows, results as floats.
    const int64_t widest = static_cast<int64_t>(g_.lanes) * g_.max_vectors;
    const int64_t packing = widest * (row_bytes_ + kAlignment);
    sums_ = 0;
    wide_ = align_up(block_ * 4);
    wide_row_ = (2 * steps * g_.k_group + 31) / 32 * 32;
    tile_ = wide_ + (g_.widen != nullptr ? align_up(block_ * wide_row_ + kReadablePastEnd) : 0);
    const int64_t product_bytes = tile_ + (op_.out_bytes() == 1 ? align_up(block_ * n * 4) : 0);
    thread_bytes = packing > product_bytes ? packing : product_bytes;
    if (!op_.codes_) return OCTET_OK;
    if (!multiplier_.resize(positions) || !zero_.resize(positions) || !ones_.resize(block_)) {
      return OCTET_OUT_OF_MEMORY;
    }
    for (int64_t i = 0; i < block_; i++) ones_[i] = 1.0f;
    for (int64_t i = 0; i < positions; i++) {
      multiplier_[i] = op_.p_.multiplier;
      zero_[i] = zero_b();
    }
    return OCTET_OK;
  }

  void run_rows(const Buffers& b, int phase, int64_t y0, int64_t y1) const override {
    for (int64_t y = y0; y < y1; y++) {
      if (phase == 0) {
        op_.codes_ ? pack_codes(b, y / layout_.count(), layout_.panel(y % layout_.count()))
                   : pack_floats(b, y / layout_.count(), layout_.panel(y % layout_.count()));
      } else {
        multiply(b, y / blocks_, y % blocks_ * block_);
      }
    }
  }

 private:
  // The operands as the kernel takes them: b signed, a as it says.
  bool flip_a() const { return (op_.p_.signed_a != 0) != (g_.signed_a != 0); }
  int32_t zero_a() const { return op_.p_.zero_point_a + (!flip_a() ? 0 : g_.signed_a != 0 ? -128 : 128); }
  int32_t zero_b() const { return op_.p_.zero_point_b - (op_.p_.signed_b != 0 ? 0 : 128); }

  uint8_t* panel_at(const Buffers& b, int64_t matrix, const Panel& panel) const {
    return b.shared + matrix * align_up(layout_.bytes() + kReadablePastEnd) + panel.offset;
  }
  int32_t* starts(const Buffers& b, int64_t matrix) const {
    return reinterpret_cast<int32_t*>(b.shared + starts_) + matrix * layout_.positions();
  }

  // rows[width][steps] to panel[steps][width].
  template <typename T>
  void interleave(const uint8_t* rows, int64_t width, uint8_t* panel) const {
    const int64_t steps = layout_.steps();
    for (int64_t j = 0; j < width; j++) {
      const T* from = reinterpret_cast<const T*>(rows + j * row_bytes_);
      T* to = reinterpret_cast<T*>(panel) + j;
      for (int64_t s = 0; s < steps; s++) to[s * width] = from[s];
    }
  }

  void pack_codes(const Buffers& b, int64_t matrix, const Panel& panel) const {
    const uint8_t* from = b.in[1] + matrix * k_ * n_;
    const int64_t width = static_cast<int64_t>(panel.vectors) * g_.lanes;
    uint8_t* columns = b.scratch;
    __builtin_memset(columns, 0, static_cast<size_t>(width * row_bytes_));
    if (op_.p_.transpose_b != 0) {
      for (int32_t j = 0; j < panel.columns; j++) {
        __builtin_memcpy(columns + j * row_bytes_, from + (panel.column + j) * k_, static_cast<size_t>(k_));
      }
    } else {
      op_.kernels_->transpose->b8(from + panel.column, n_, k_, panel.columns, columns, row_bytes_);
    }
    int32_t* start = starts(b, matrix) + panel.position;
    const uint32_t za = static_cast<uint32_t>(zero_a()), zb = static_cast<uint32_t>(zero_b());
    for (int32_t j = 0; j < width; j++) {
      uint8_t* column = columns + j * row_bytes_;
      uint32_t sum = 0;
      if (j < panel.columns) {
        if (op_.p_.signed_b == 0) flip(column, k_);
        if (za != 0) sum = static_cast<uint32_t>(op_.kernels_->code_sum->s8(column, k_));
      }
      start[j] = static_cast<int32_t>(za * (static_cast<uint32_t>(k_) * zb - sum));
    }
    uint8_t* to = panel_at(b, matrix, panel);
    switch (g_.k_group) {
      case 2:
        return interleave<uint16_t>(columns, width, to);
      case 4:
        return op_.kernels_->transpose->b32(reinterpret_cast<const uint32_t*>(columns), layout_.steps(), width,
                                            layout_.steps(), reinterpret_cast<uint32_t*>(to), width);
      default:
        return interleave<uint64_t>(columns, width, to);
    }
  }

  // Codes to codes less 128, and back.
  static void flip(uint8_t* codes, int64_t n) {
    int64_t i = 0;
    for (; i + 8 <= n; i += 8) {
      uint64_t word;
      __builtin_memcpy(&word, codes + i, 8);
      word ^= 0x8080808080808080u;
      __builtin_memcpy(codes + i, &word, 8);
    }
    for (; i < n; i++) codes[i] ^= 0x80;
  }

  void pack_floats(const Buffers& b, int64_t matrix, const Panel& panel) const {
    const float* from = input<float>(b, 1) + matrix * k_ * n_;
    const int64_t width = static_cast<int64_t>(panel.vectors) * g_.lanes;
    float* to = reinterpret_cast<float*>(panel_at(b, matrix, panel));
    if (panel.columns < width) __builtin_memset(to, 0, static_cast<size_t>(k_ * width * 4));
    if (op_.p_.transpose_b != 0) {
      op_.kernels_->transpose->b32(reinterpret_cast<const uint32_t*>(from + panel.column * k_), k_, panel.columns, k_,
                                   reinterpret_cast<uint32_t*>(to), width);
      return;
    }
    for (int64_t k = 0; k < k_; k++) {
      __builtin_memcpy(to + k * width, from + k * n_ + panel.column, static_cast<size_t>(panel.columns) * 4);
    }
  }

  void multiply(const Buffers& b, int64_t matrix, int64_t first) const {
    const OctetMatmul& p = op_.p_;
    const int64_t count = m_ - first < block_ ? m_ - first : block_;
    const uint8_t* a = b.in[0] + (matrix * m_ + first) * k_ * op_.in_bytes();
    uint8_t* out = b.out + (matrix * m_ + first) * n_ * op_.out_bytes();
    const bool to_codes = op_.out_bytes() == 1;
    GemmBand band = {};
    band.a = a;
    band.a_x = k_ * op_.in_bytes();
    band.out = to_codes ? b.scratch + tile_ : out;
    band.out_x = n_ * 4;
    band.width = band.count = static_cast<int32_t>(count);
    band.spans = &span_;
    band.span_count = 1;
    band.lo = -__builtin_inff();
    band.hi = __builtin_inff();
    if (!op_.codes_) {
      band.lo = p.lo;
      band.hi = p.hi;
    } else {
      band.flip = flip_a() ? 0x80808080u : 0;
      band.dequantize = 1;
      band.row_scale = ones_.data();
      band.row_scale_step = 1;  // 0 would say that the term's factor is one for all rows as well
      if (zero_b() != 0) add_sums(a, count, reinterpret_cast<int32_t*>(b.scratch + sums_));
      if (g_.widen != nullptr) {
        g_.widen(band, b.scratch + wide_, wide_row_);
        band.a = b.scratch + wide_;
        band.a_x = wide_row_;
      }
    }
    uint8_t* const results = band.out;
    for (int64_t i = 0; i < layout_.count(); i++) {
      const Panel& panel = layout_.panel(i);
      const GemmTerm term = {reinterpret_cast<const int32_t*>(b.scratch + sums_), zero_.data() + panel.position};
      band.out = results + panel.column * 4;
      band.panel = panel_at(b, matrix, panel);
      band.columns = panel.columns;
      band.vectors = panel.vectors;
      if (op_.codes_) {
        band.start = starts(b, matrix) + panel.position;
        band.terms = &term;
        band.term_count = zero_b() != 0 ? 1 : 0;
        band.multiplier = multiplier_.data() + panel.position;
      }
      g_.run(band);
    }
    if (!to_codes) return;
    const OctetQuantizeParams params = {1.0f, 0, p.lo, p.hi, p.zero_point};
    op_.kernels_->quantize->run(reinterpret_cast<const float*>(results), count * n_, &params, out);
  }

  // -sum of each row, of the codes as the kernel sees them.
  void add_sums(const uint8_t* a, int64_t count, int32_t* sums) const {
    const auto sum = op_.p_.signed_a != 0 ? op_.kernels_->code_sum->s8 : op_.kernels_->code_sum->u8;
    const uint32_t shift = static_cast<uint32_t>(zero_a() - op_.p_.zero_point_a) * static_cast<uint32_t>(k_);
    for (int64_t i = 0; i < count; i++) {
      sums[i] = static_cast<int32_t>(0u - (static_cast<uint32_t>(sum(a + i * k_, k_)) + shift));
    }
  }

  const Matmul& op_;
  const GemmKernel g_;
  PanelLayout layout_;
  GemmSpan span_ = {};
  int64_t m_ = 0, k_ = 0, n_ = 0, block_ = 0, blocks_ = 0;
  int64_t row_bytes_ = 0, wide_row_ = 0;                 // of a column while it is packed, of a widened row
  int64_t starts_ = 0, sums_ = 0, wide_ = 0, tile_ = 0;  // offsets in the scratch memories
  Array<float> multiplier_, ones_;
  Array<int32_t> zero_;
};

int32_t Matmul::shape(const int64_t* dims, int32_t slots, Context** context) const {
  if (slots < 4) return OCTET_INVALID_ARGUMENT;
  const int64_t batch = dims[0], m = dims[1], k = dims[2], n = dims[3];
  int64_t bytes;
  if (k < 1 || !product(&bytes, batch, m, k, int64_t{4}) || !product(&bytes, batch, k, n, int64_t{4}) ||
      !product(&bytes, batch, m, n, int64_t{4})) {
    return OCTET_INVALID_ARGUMENT;
  }
  if (gemm_.run == nullptr) return made(new PlainContext(*this, batch, m, k, n), context);
  PanelContext* panels = new PanelContext(*this);
  if (panels == nullptr) return OCTET_OUT_OF_MEMORY;
  const int32_t status = panels->init(batch, m, k, n);
  if (status != OCTET_OK) {
    delete panels;
    return status;
  }
  *context = panels;
  return OCTET_OK;
}

}  // namespace

int32_t create_matmul_f32(const Spec& spec, Operator** op) {
  OctetMatmul p = {};
  p.transpose_b = spec.integer(0) != 0;
  p.lo = spec.real(1);
  p.hi = spec.real(2);
  return made(new Matmul(spec.kernels, false, p), op);
}

int32_t create_matmul_q8(const Spec& spec, Operator** op) {
  const int64_t out = spec.integer(3);
  if (!is_code_type(spec.integer(1)) || !is_code_type(spec.integer(2)) || (!is_code_type(out) && out != OCTET_F32)) {
    return OCTET_INVALID_ARGUMENT;
  }
  OctetMatmul p = {};
  p.transpose_b = spec.integer(0) != 0;
  p.signed_a = spec.integer(1) == OCTET_S8;
  p.signed_b = spec.integer(2) == OCTET_S8;
  p.to_codes = out != OCTET_F32;
  p.zero_point_a = static_cast<int32_t>(spec.integer(4));
  p.zero_point_b = static_cast<int32_t>(spec.integer(5));
  p.multiplier = spec.real(6);
  p.zero_point = static_cast<int32_t>(spec.integer(7));
  p.lo = bound(spec.integer(8), spec.integer(7));
  p.hi = bound(spec.integer(9), spec.integer(7));
  return made(new Matmul(spec.kernels, true, p), op);
}

}  // namespace octet
