// QUANTIZE and DEQUANTIZE, with the change of layout at the borders of a network fused in.
#include "operators/blocks.h"

namespace octet {

namespace {

// Positions of a block that changes layout: its codes wait in scratch, [C][kPositions].
constexpr int64_t kPositions = 128;

struct Layout {
  int64_t n, c, s;
};

bool read(const int64_t* dims, int32_t slots, Layout* layout, int64_t* count) {
  if (slots < 3 || !product(count, dims[0], dims[1], dims[2], int64_t{4})) return false;
  *count /= 4;
  *layout = {dims[0], dims[1], dims[2]};
  return true;
}

// Rows are blocks of kPositions positions of one image; `block(image, first, length, scratch)` moves one.
template <typename Body>
class LayoutContext final : public Context {
 public:
  LayoutContext(const Layout& layout, const Body& body)
      : layout_(layout), blocks_(blocks(layout.s, kPositions)), body_(body) {
    rows[0] = layout.n * blocks_;
    thread_bytes = layout.c * kPositions;
  }

  void run_rows(const Buffers& buffers, int, int64_t y0, int64_t y1) const override {
    for (int64_t y = y0; y < y1; y++) {
      const int64_t first = y % blocks_ * kPositions;
      const int64_t length = layout_.s - first < kPositions ? layout_.s - first : kPositions;
      body_(buffers, layout_, y / blocks_, first, length);
    }
  }

 private:
  Layout layout_;
  int64_t blocks_;
  Body body_;
};

template <typename Body>
int32_t make_layout(const Layout& layout, int64_t output_bytes, const Body& body, Context** context) {
  const int32_t status = made(new LayoutContext<Body>(layout, body), context);
  if (status == OCTET_OK) (*context)->output_bytes = output_bytes;
  return status;
}

class Quantize final : public Operator {
 public:
  explicit Quantize(const Spec& spec)
      : run_(spec.kernels->quantize->run),
        transpose_(spec.kernels->transpose->b8),
        to_channels_last_(spec.integer(7) != 0) {
    params_.divide = spec.integer(5) != 0;
    params_.factor = params_.divide ? spec.real(6) : spec.real(1);
    params_.zero_point = static_cast<int32_t>(spec.integer(2));
    params_.lo = bound(spec.integer(3), spec.integer(2));
    params_.hi = bound(spec.integer(4), spec.integer(2));
  }

  int32_t shape(const int64_t* dims, int32_t slots, Context** context) const override {
    Layout layout;
    int64_t count;
    if (!read(dims, slots, &layout, &count)) return OCTET_INVALID_ARGUMENT;
    const auto run = run_;
    const OctetQuantizeParams params = params_;
    if (!to_channels_last_ || layout.c == 1 || layout.s == 1) {
      const auto body = [=](const Buffers& b, int64_t begin, int64_t end) {
        run(input<float>(b, 0) + begin, end - begin, &params, b.out + begin);
      };
      return make_blocks(count, 1, count, body, context);
    }
    const auto transpose = transpose_;
    const auto body = [=](const Buffers& b, const Layout& l, int64_t image, int64_t first, int64_t length) {
      for (int64_t c = 0; c < l.c; c++) {
        run(input<float>(b, 0) + (image * l.c + c) * l.s + first, length, &params, b.scratch + c * kPositions);
      }
      transpose(b.scratch, kPositions, l.c, length, b.out + (image * l.s + first) * l.c, l.c);
    };
    return make_layout(layout, count, body, context);
  }

 private:
  void (*run_)(const float*, int64_t, const OctetQuantizeParams*, uint8_t*);
  void (*transpose_)(const uint8_t*, int64_t, int64_t, int64_t, uint8_t*, int64_t);
  bool to_channels_last_;
  OctetQuantizeParams params_;
};

class Dequantize final : public Operator {
 public:
  explicit Dequantize(const Spec& spec)
      : run_(spec.integer(0) == OCTET_U8 ? spec.kernels->dequantize->u8 : spec.kernels->dequantize->s8),
        transpose_(spec.kernels->transpose->b8),
        scale_(spec.real(1)),
        zero_point_(static_cast<int32_t>(spec.integer(2))),
        to_channels_first_(spec.integer(3) != 0) {}

  int32_t shape(const int64_t* dims, int32_t slots, Context** context) const override {
    Layout layout;
    int64_t count;
    if (!read(dims, slots, &layout, &count)) return OCTET_INVALID_ARGUMENT;
    const auto run = run_;
    const float scale = scale_;
    const int32_t zero_point = zero_point_;
    if (!to_channels_first_ || layout.c == 1 || layout.s == 1) {
      const auto body = [=](const Buffers& b, int64_t begin, int64_t end) {
        run(b.in[0] + begin, end - begin, scale, zero_point, output<float>(b) + begin);
      };
      return make_blocks(count, 1, count * 4, body, context);
    }
    const auto transpose = transpose_;
    const auto body = [=](const Buffers& b, const Layout& l, int64_t image, int64_t first, int64_t length) {
      transpose(b.in[0] + (image * l.s + first) * l.c, l.c, length, l.c, b.scratch, kPositions);
      for (int64_t c = 0; c < l.c; c++) {
        run(b.scratch + c * kPositions, length, scale, zero_point, output<float>(b) + (image * l.c + c) * l.s + first);
      }
    };
    return make_layout(layout, count * 4, body, context);
  }

 private:
  OctetDequantizeFunction run_;
  void (*transpose_)(const uint8_t*, int64_t, int64_t, int64_t, uint8_t*, int64_t);
  float scale_;
  int32_t zero_point_;
  bool to_channels_first_;
};

}  // namespace

int32_t create_quantize(const Spec& spec, Operator** op) {
  if (!is_code_type(spec.integer(0))) return OCTET_INVALID_ARGUMENT;
  return made(new Quantize(spec), op);
}

int32_t create_dequantize(const Spec& spec, Operator** op) {
  if (!is_code_type(spec.integer(0))) return OCTET_INVALID_ARGUMENT;
  return made(new Dequantize(spec), op);
}

}  // namespace octet
