#include "kernels/scalar.h"
#include "operators/blocks.h"

namespace octet {

namespace {

// How one input's elements reach the output: as they are, or by a table of codes (other qparams, or a narrower range).
struct Source {
  bool copied;
  uint8_t table[256];
};

class ConcatContext final : public Context {
 public:
  ConcatContext(const Source* sources, const LutQ8Kernel* lut) : sources_(sources), lut_(lut) {}

  int32_t plan(const int64_t* dims, int64_t n, int64_t bytes) {
    inputs = static_cast<int>(n);
    const int64_t outer = dims[0];
    if (!inner_.resize(n)) return OCTET_OUT_OF_MEMORY;
    for (int64_t i = 0; i < n; i++) {
      if (dims[1 + i] < 0 || !product(&inner_[i], dims[1 + i], bytes)) return OCTET_INVALID_ARGUMENT;
      if (__builtin_add_overflow(total_, inner_[i], &total_)) return OCTET_INVALID_ARGUMENT;
    }
    if (!product(&output_bytes, outer, total_)) return OCTET_INVALID_ARGUMENT;
    rows[0] = outer;
    return OCTET_OK;
  }

  // Input by input, so many rows at a time that the output of all stays in the first-level cache.
  void run_rows(const Buffers& b, int, int64_t y0, int64_t y1) const override {
    if (total_ == 0) return;
    const int64_t most = total_ < 16 * kBlock ? 16 * kBlock / total_ : 1;
    for (int64_t y = y0; y < y1; y += most) {
      const int64_t count = y1 - y < most ? y1 - y : most;
      uint8_t* out = b.out + y * total_;
      for (int64_t i = 0; i < inner_.size(); i++) {
        const int64_t n = inner_[i];
        const uint8_t* from = b.in[i] + y * n;
        if (n == 0) continue;
        if (sources_[i].copied) {
          for (int64_t r = 0; r < count; r++) {
            __builtin_memcpy(out + r * total_, from + r * n, static_cast<size_t>(n));
          }
        } else {
          lut_->run(from, count, n, sources_[i].table, out, total_);
        }
        out += n;
      }
    }
  }

 private:
  const Source* sources_;
  const LutQ8Kernel* lut_;
  Array<int64_t> inner_;  // bytes
  int64_t total_ = 0;
};

class Concat final : public Operator {
 public:
  explicit Concat(const Spec& spec) : lut_(spec.kernels->lut_q8), type_(spec.integer(0)) {}

  bool prepare(const Spec& spec) {
    const int64_t n = spec.integer(1), qmin = spec.integer(4), qmax = spec.integer(5);
    if (!sources_.resize(n)) return false;
    const int smallest = type_ == OCTET_S8 ? -128 : 0, largest = type_ == OCTET_S8 ? 127 : 255;
    const int32_t zero_point = static_cast<int32_t>(spec.integer(3));
    for (int64_t i = 0; i < n; i++) {
      const int slot = 6 + 3 * static_cast<int>(i);
      const bool same = type_ == OCTET_F32 || spec.integer(slot + 2) != 0;
      Source& source = sources_[i];
      source.copied = type_ == OCTET_F32 || (same && qmin <= smallest && qmax >= largest);
      if (source.copied) continue;
      for (int64_t q = smallest; q <= largest; q++) {
        uint8_t code;
        if (same) {
          code = static_cast<uint8_t>(q < qmin ? qmin : q > qmax ? qmax : q);
        } else {
          const float x = static_cast<float>(q - spec.integer(slot + 1)) * spec.real(slot);
          code = scalar::to_code(x * spec.real(2), bound(qmin, zero_point), bound(qmax, zero_point), zero_point);
        }
        source.table[static_cast<uint8_t>(q)] = code;
      }
    }
    return true;
  }

  int32_t shape(const int64_t* dims, int32_t slots, Context** context) const override {
    if (slots < 1 + sources_.size()) return OCTET_INVALID_ARGUMENT;
    ConcatContext* made_context = new ConcatContext(sources_.data(), lut_);
    const int32_t status =
        made_context != nullptr ? made_context->plan(dims, sources_.size(), type_bytes(type_)) : OCTET_OUT_OF_MEMORY;
    if (status != OCTET_OK) {
      delete made_context;
      made_context = nullptr;
    }
    *context = made_context;
    return status;
  }

 private:
  const LutQ8Kernel* lut_;
  int64_t type_;
  Array<Source> sources_;
};

}  // namespace

int32_t create_concat(const Spec& spec, Operator** op) {
  const int64_t type = spec.integer(0), n = spec.integer(1);
  if ((!is_code_type(type) && type != OCTET_F32) || n < 1 || n > (spec.attribute_slots - 6) / 3) {
    return OCTET_INVALID_ARGUMENT;
  }
  Concat* concat = new Concat(spec);
  if (concat != nullptr && !concat->prepare(spec)) {
    delete concat;
    concat = nullptr;
  }
  return made(concat, op);
}

}  // namespace octet
