#include "fuzz_case.h"

#include <string.h>

#include "octet/octet_kinds.h"

namespace fuzz {

Source::Source(const uint8_t* data, size_t size) : data_(data), left_(size), state_(0x9E3779B97F4A7C15u) {
  for (size_t i = 0; i < size; i++) state_ = (state_ ^ data[i]) * 0x100000001B3u;
}

uint8_t Source::byte() {
  if (left_ > 0) {
    left_--;
    return *data_++;
  }
  state_ ^= state_ << 13;
  state_ ^= state_ >> 7;
  state_ ^= state_ << 17;
  return static_cast<uint8_t>(state_ >> 32);
}

int64_t Source::below(int64_t n) {
  uint64_t v = byte();
  for (uint64_t reach = 256; reach < static_cast<uint64_t>(n); reach *= 256) v = v << 8 | byte();
  return static_cast<int64_t>(v % static_cast<uint64_t>(n));
}

void Source::fill(void* to, int64_t bytes) {
  uint8_t* out = static_cast<uint8_t*>(to);
  uint64_t state = state_ | 1;
  for (int i = 0; i < 4; i++) state = state << 8 ^ state ^ byte();
  state |= 1;
  for (int64_t i = 0; i < bytes; i++) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    out[i] = static_cast<uint8_t>(state >> 32);
  }
}

namespace {

class Maker {
 public:
  explicit Maker(Source* source) : s_(*source) {}

  Case make() {
    c_.kind = static_cast<int32_t>(s_.between(OCTET_CONV_Q8, OCTET_LINEAR_WEIGHT_ONLY));
    switch (c_.kind) {
      case OCTET_CONV_Q8:
        convolution(true);
        break;
      case OCTET_CONV_F32:
        convolution(false);
        break;
      case OCTET_CONV_WEIGHT_GRAD:
        weight_grad();
        break;
      case OCTET_LINEAR_DYNAMIC_Q8:
        linear_dynamic();
        break;
      case OCTET_LINEAR_WEIGHT_ONLY:
        linear_weight_only();
        break;
      case OCTET_QUANTIZE:
        quantize();
        break;
      case OCTET_DEQUANTIZE:
        dequantize();
        break;
      case OCTET_ADD_Q8:
        add();
        break;
      case OCTET_MUL_Q8:
        multiply();
        break;
      case OCTET_LUT_Q8:
        c_.constants = {256};
        pointwise(1, 1);
        break;
      case OCTET_MAXPOOL:
        pool(false);
        break;
      case OCTET_AVGPOOL:
        pool(true);
        break;
      case OCTET_ADAPTIVE_AVGPOOL:
        adaptive();
        break;
      case OCTET_CONCAT:
        concat();
        break;
      case OCTET_UNARY_F32:
        ints({s_.below(10)}), bounds(), scale(), scale(), pointwise(1, 4);
        break;
      case OCTET_BINARY_F32:
        ints({s_.below(2)}), bounds(), pointwise(2, 4);
        break;
      case OCTET_AFFINE_F32:
        affine();
        break;
      case OCTET_MATMUL_F32:
      case OCTET_MATMUL_Q8:
        matmul(c_.kind == OCTET_MATMUL_Q8);
        break;
      case OCTET_AFFINE_Q8:
        affine_codes();
        break;
      case OCTET_SOFTMAX:
        softmax();
        break;
      case OCTET_GROUP_NORM:
        group_norm();
        break;
      case OCTET_TRANSPOSE:
        transpose();
        break;
      case OCTET_MINMAX_F32:
        minmax();
        break;
      case OCTET_HISTOGRAM_F32:
        histogram();
        break;
      default:
        fake_quantize(c_.kind == OCTET_FAKE_QUANTIZE_GRAD);
        break;
    }
    return c_;
  }

 private:
  void ints(std::initializer_list<int64_t> values) { c_.attributes.insert(c_.attributes.end(), values); }
  void real(float v) {
    uint32_t bits;
    memcpy(&bits, &v, 4);
    // The upper half is not looked at.
    c_.attributes.push_back(static_cast<int64_t>(bits) | (s_.one_in(8) ? INT64_MIN : 0));
  }
  void scale() { real(static_cast<float>(s_.between(1, 255)) * (s_.one_in(4) ? 1e6f : s_.one_in(3) ? 1e-38f : 1e-3f)); }
  void bounds() {
    if (s_.one_in(2)) {
      real(-__builtin_inff()), real(__builtin_inff());
    } else {
      real(0.0f), real(6.0f);
    }
  }
  int64_t code_type() { return s_.below(2); }
  int64_t least(int64_t type) { return type == OCTET_S8 ? -128 : 0; }
  int64_t code(int64_t type) { return least(type) + s_.below(256); }
  void code_range(int64_t type) {
    const int64_t lo = s_.one_in(2) ? least(type) : code(type);
    ints({code(type), lo, s_.one_in(2) ? least(type) + 255 : s_.between(lo, least(type) + 255)});
  }
  int64_t size() { return s_.one_in(6) ? s_.between(1, 300) : s_.one_in(3) ? s_.between(1, 70) : s_.between(1, 17); }
  int64_t count() { return s_.one_in(8) ? s_.below(20000) : s_.below(300); }

  void tensors(int64_t inputs, int64_t in, int in_alignment, int64_t out, int out_alignment) {
    c_.inputs.assign(static_cast<size_t>(inputs), in);
    c_.output = out;
    c_.input_alignment = in_alignment;
    c_.output_alignment = out_alignment;
  }
  void pointwise(int64_t inputs, int bytes) {
    const int64_t n = count();
    c_.dims = {n};
    tensors(inputs, n * bytes, bytes, n * bytes, bytes);
  }

  struct Axis {
    int64_t size, kernel, stride, before, after, dilation, outputs;
  };

  // Mostly small; now and then with a padding, stride or dilation far beyond the input.
  Axis axis(int64_t widest) {
    Axis a;
    a.kernel = s_.between(1, s_.one_in(4) ? 7 : 3);
    a.dilation = s_.one_in(4) ? s_.between(1, 3) : s_.one_in(40) ? s_.between(1, 200) : 1;
    a.stride = s_.one_in(60) ? int64_t{1} << s_.below(31) : s_.between(1, 3);
    a.before = s_.one_in(40) ? s_.below(300) : s_.below(a.kernel + 2);
    a.after = s_.one_in(40) ? s_.below(300) : s_.below(a.kernel + 2);
    const int64_t span = a.dilation * (a.kernel - 1) + 1;
    const int64_t needed = span - a.before - a.after;
    a.size = (needed > 0 ? needed : 0) + s_.below(widest);
    a.outputs = (a.size + a.before + a.after - span) / a.stride + 1;
    return a;
  }

  void convolution(bool codes) {
    const int64_t in_type = code_type(), out_type = code_type(), shape = s_.below(5);
    const int64_t groups = shape == 0 ? size() : shape == 1 ? s_.between(1, 5) : 1;
    const int64_t channels = shape == 0 ? 1 : shape == 1 ? s_.between(1, 20) : size();
    const int64_t filters = shape == 0 ? s_.between(1, 2) : shape == 1 ? s_.between(1, 20) : size();
    Axis y = axis(12), x = axis(12), z = {1, 1, 1, 0, 0, 1, 1};
    const bool residual = codes && s_.one_in(3), deep = residual || (shape != 4 && s_.one_in(4));
    if (deep && shape != 4 && !(residual && s_.one_in(2))) z = axis(5);
    if (shape == 4) y = x = z;
    const int64_t up = deep && s_.one_in(3) ? s_.between(2, 4) : 1;
    if (up > 1) {
      z.stride = 1;
      z.outputs = z.size + z.before + z.after - z.dilation * (z.kernel - 1);
      for (Axis* a : {&y, &x}) {
        a->stride = 1;
        const int64_t wide = a->size > 0 ? (a->size - 1) * up + 1 : 0;
        a->outputs = wide + a->before + a->after - a->dilation * (a->kernel - 1);
      }
    }
    const int64_t cin = groups * channels, cout = groups * filters;
    int64_t n = shape == 4 ? s_.below(70) : s_.one_in(20) ? 0 : s_.between(1, 2);
    const auto work = [&] {
      return n * z.outputs * y.outputs * x.outputs * cout * channels * z.kernel * y.kernel * x.kernel;
    };
    if (work() > 4000000) n = n > 1 ? 1 : 0;
    const auto inputs = [&] { return n * z.size * y.size * x.size * cin; };
    const auto outputs = [&] { return n * z.outputs * y.outputs * x.outputs * cout; };
    if (work() > 40000000 || inputs() > 1 << 18 || outputs() > 1 << 18) n = 0;
    if (codes) ints({in_type, out_type});
    ints({cin, cout, y.kernel, x.kernel, y.stride, x.stride, y.before, x.before, y.after, x.after, y.dilation,
          x.dilation, groups});
    const int64_t weights = cout * z.kernel * y.kernel * x.kernel * channels, bytes = codes ? 1 : 4;
    if (codes) {
      ints({code(in_type)});
      code_range(out_type);
      c_.constants = {weights, 4 * cout, s_.one_in(3) ? 4 * cout : -1, s_.one_in(3) ? -1 : 4 * cout};
      c_.finite = 1;
    } else {
      bounds();
      c_.constants = {4 * weights, s_.one_in(3) ? -1 : 4 * cout};
    }
    c_.dims = {n, y.size, x.size};
    if (deep) {
      ints({z.kernel, z.stride, z.before, z.after, z.dilation});
      c_.dims = {n, z.size, y.size, x.size};
      if (up > 1 || residual) ints({1, up, up});
    }
    if (residual) {
      ints({s_.below(2)}), scale(), scale(), ints({code(out_type)}), scale();
      code_range(out_type);
    }
    tensors(residual ? 2 : 1, inputs() * bytes, static_cast<int>(bytes), outputs() * bytes, static_cast<int>(bytes));
    if (residual) c_.inputs[1] = c_.output;
  }

  void weight_grad() {
    const int64_t shape = s_.below(4), groups = shape == 0 ? size() : shape == 1 ? s_.between(1, 5) : 1;
    const int64_t channels = shape == 0 ? 1 : s_.between(1, 70), filters = shape == 0 ? s_.between(1, 2) : size();
    const Axis y = axis(7), x = axis(7);
    const int64_t cin = groups * channels, cout = groups * filters;
    ints({cin, cout, y.kernel, x.kernel, y.stride, x.stride, y.before, x.before, y.after, x.after, y.dilation,
          x.dilation, groups});
    int64_t n = s_.below(20);
    const int64_t weights = cout * y.kernel * x.kernel * channels, in = y.size * x.size * cin;
    const int64_t out = y.outputs * x.outputs * cout;
    while (n > 0 && (n * in > 1 << 18 || n * out > 1 << 18 || n * y.outputs * x.outputs * weights > 4000000)) n /= 2;
    c_.dims = {n, y.size, x.size};
    tensors(2, 4 * n * in, 4, 4 * weights, 4);
    c_.inputs[1] = 4 * n * out;
  }

  void linear_dynamic() {
    const int64_t k = size(), n = size(), m = s_.one_in(3) ? 1 : s_.below(40);
    ints({k, n, s_.below(2), s_.below(2)});
    bounds();
    c_.constants = {n * k, 4 * n, s_.one_in(2) ? -1 : 4 * n, s_.one_in(2) ? -1 : 4 * n};
    c_.dims = {m};
    tensors(1, 4 * m * k, 4, 4 * m * n, 4);
  }

  void linear_weight_only() {
    const int64_t bits = s_.one_in(2) ? 8 : 4, group = bits == 8 ? size() : 2 * size(), groups = 1 + s_.below(4);
    const int64_t k = group * groups, n = size(), m = s_.below(9);
    ints({k, n, bits, group});
    bounds();
    c_.constants = {n * k, 4 * n * groups, s_.one_in(2) ? -1 : 4 * n};
    c_.dims = {m};
    tensors(1, 4 * m * k, 4, 4 * m * n, 4);
  }

  int64_t images() {
    c_.dims = {s_.below(4), size(), size()};
    return c_.dims[0] * c_.dims[1] * c_.dims[2];
  }

  void quantize() {
    const int64_t type = code_type();
    ints({type}), scale(), code_range(type), ints({s_.below(2)}), scale(), ints({s_.below(2)});
    const int64_t n = images();
    tensors(1, 4 * n, 4, n, 1);
  }
  void dequantize() {
    const int64_t type = code_type();
    ints({type}), scale(), ints({code(type), s_.below(2)});
    const int64_t n = images();
    tensors(1, n, 1, 4 * n, 4);
  }
  void add() {
    const int64_t type = code_type();
    ints({type}), scale(), ints({code(type)}), scale(), ints({code(type)}), scale(), code_range(type);
    pointwise(2, 1);
  }
  void multiply() {
    const int64_t type = code_type();
    ints({type, code(type), code(type)}), scale(), code_range(type);
    pointwise(2, 1);
  }

  void finish_pool(int64_t type, int64_t c, int64_t h, int64_t w, int64_t oh, int64_t ow) {
    const int bytes = type == OCTET_F32 ? 4 : 1;
    const int64_t n = h * w * c > 1 << 17 || oh * ow * c > 1 << 17 ? 0 : s_.below(3);
    c_.dims = {n, h, w, oh, ow};
    tensors(1, n * h * w * c * bytes, bytes, n * oh * ow * c * bytes, bytes);
  }
  void pool(bool average) {
    const int64_t type = s_.below(3), c = size();
    Axis y = axis(12), x = axis(12);
    if (average) y.dilation = x.dilation = 1;
    ints({type, c, y.kernel, x.kernel, y.stride, x.stride, y.before, x.before});
    if (average) {
      ints({y.after, x.after, s_.below(2), s_.one_in(3) ? s_.between(1, 9) : 0});
      code_range(type == OCTET_F32 ? OCTET_U8 : type);
      ints({s_.below(2)});
    } else {
      ints({y.dilation, x.dilation});
    }
    // As many outputs as the caller likes: windows may lie beyond the input.
    const int64_t more = s_.one_in(8) ? s_.below(20) : s_.below(2);
    finish_pool(type, c, y.size, x.size, y.outputs + more, x.outputs + s_.below(2));
  }
  void adaptive() {
    const int64_t type = s_.below(3), c = size();
    ints({type, c});
    code_range(type == OCTET_F32 ? OCTET_U8 : type);
    ints({s_.below(2)});
    const int64_t oh = s_.below(9), ow = s_.below(20), h = s_.below(20), w = s_.below(20);
    finish_pool(type, c, h, w, oh, ow);
  }

  void concat() {
    const int64_t type = s_.below(3), codes = type == OCTET_F32 ? OCTET_U8 : type,
                  n = s_.between(1, s_.one_in(9) ? 60 : 5);
    const int bytes = type == OCTET_F32 ? 4 : 1;
    ints({type, n}), scale(), code_range(codes);
    const int64_t outer = s_.below(20);
    c_.dims = {outer};
    tensors(0, 0, bytes, 0, bytes);
    for (int64_t i = 0; i < n; i++) {
      scale(), ints({code(codes), s_.below(2)});
      const int64_t inner = s_.one_in(10) ? 0 : size();
      c_.dims.push_back(inner);
      c_.inputs.push_back(outer * inner * bytes);
      c_.output += outer * inner * bytes;
    }
  }
  void affine() {
    const int64_t c = s_.one_in(20) ? 0 : size(), rows = s_.below(40);
    ints({c}), bounds();
    c_.constants = {4 * c, 4 * c};
    c_.dims = {rows};
    tensors(1, 4 * c * rows, 4, 4 * c * rows, 4);
  }
  void affine_codes() {
    const int64_t type = code_type(), c = s_.one_in(20) ? 0 : size(), rows = s_.below(40);
    ints({type, c, code(type)}), code_range(type);
    c_.constants = {4 * c, 4 * c};
    c_.dims = {rows};
    tensors(1, c * rows, 1, c * rows, 1);
  }
  void matmul(bool codes) {
    const int64_t a = code_type(), b = code_type(), out = codes ? s_.below(3) : OCTET_F32;
    ints({s_.below(2)});
    if (codes) {
      ints({a, b, out, code(a), code(b)}), scale(), code_range(out == OCTET_F32 ? OCTET_U8 : out);
    } else {
      bounds();
    }
    const int64_t batch = s_.below(4), m = s_.one_in(3) ? 1 : s_.below(40), k = size(), n = s_.one_in(9) ? 0 : size();
    const int in_bytes = codes ? 1 : 4, out_bytes = out == OCTET_F32 ? 4 : 1;
    c_.dims = {batch, m, k, n};
    tensors(2, batch * m * k * in_bytes, in_bytes, batch * m * n * out_bytes, out_bytes);
    c_.inputs[1] = batch * k * n * in_bytes;
  }
  void softmax() {
    const int64_t type = s_.below(3), codes = type == OCTET_F32 ? OCTET_U8 : type, n = size(), rows = s_.below(40);
    const int bytes = type == OCTET_F32 ? 4 : 1;
    ints({type, n}), scale(), scale(), code_range(codes);
    c_.dims = {rows};
    tensors(1, n * rows * bytes, bytes, n * rows * bytes, bytes);
  }
  void group_norm() {
    const int64_t type = s_.below(3), codes = type == OCTET_F32 ? OCTET_U8 : type;
    const int bytes = type == OCTET_F32 ? 4 : 1;
    const int64_t groups = s_.one_in(2) ? 1 : s_.between(1, 9), c = groups * (s_.one_in(4) ? 1 : size());
    ints({type, c, groups}), scale(), bounds(), scale(), ints({code(codes)}), code_range(codes);
    c_.constants = {s_.one_in(3) ? -1 : 4 * c, s_.one_in(3) ? -1 : 4 * c};
    c_.dims = {s_.below(9), s_.one_in(2) ? 1 : s_.below(20)};
    const int64_t n = c_.dims[0] * c_.dims[1] * c * bytes;
    tensors(1, n, bytes, n, bytes);
  }
  void transpose() {
    const int bytes = s_.one_in(3) ? 1 : s_.one_in(2) ? 4 : static_cast<int>(s_.between(1, 40));
    ints({bytes});
    const int64_t n = images();
    tensors(1, n * bytes, bytes, n * bytes, bytes);
  }
  void minmax() {
    const bool per_channel = s_.one_in(2);
    ints({per_channel});
    c_.dims = {s_.below(5), per_channel ? s_.below(100) : 1, s_.one_in(3) ? 1 : s_.below(200)};
    tensors(1, 4 * c_.dims[0] * c_.dims[1] * c_.dims[2], 4, 12 * c_.dims[1], 4);
  }
  void histogram() {
    const int64_t bins = s_.between(1, s_.one_in(5) ? 3000 : 40), n = count();
    ints({bins});
    c_.dims = {n};
    tensors(2, 4 * n, 4, 4 * bins, 4);
    c_.inputs[1] = 8;
  }
  void fake_quantize(bool grad) {
    const int64_t qmin = s_.between(-65536, 65535);
    const int64_t qmax = s_.one_in(2) ? qmin + 1 : s_.between(qmin + 1, qmin + 65535 < 65536 ? qmin + 65535 : 65536);
    ints({qmin, qmax});
    if (!grad) {
      ints({s_.below(3)}), scale();
      ints({s_.below(3), s_.below(2), s_.between(qmin, qmax)}), scale();
    }
    c_.dims = {s_.below(4), s_.one_in(2) ? 1 : s_.below(60), s_.one_in(3) ? 1 : s_.below(s_.one_in(9) ? 9000 : 200)};
    const int64_t bytes = 4 * c_.dims[0] * c_.dims[1] * c_.dims[2], state = 16 * c_.dims[1];
    tensors(grad ? 3 : 2, bytes, 4, grad ? bytes : bytes + state, 4);
    c_.inputs.back() = state;
  }

  Source& s_;
  Case c_;
};

}  // namespace

Case make_case(Source* s) { return Maker(s).make(); }

}  // namespace fuzz
