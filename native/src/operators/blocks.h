// Operators over a flat run of elements: a row is a block of them.
#ifndef OCTET_OPERATORS_BLOCKS_H_
#define OCTET_OPERATORS_BLOCKS_H_

#include "operators/operator.h"

namespace octet {

// Long enough that a call costs nothing, short enough to share between threads.
constexpr int64_t kBlock = 4096;

inline int64_t blocks(int64_t count, int64_t block = kBlock) { return count / block + (count % block != 0); }

// `body(buffers, begin, end)` computes elements [begin, end).
template <typename Body>
class BlockContext final : public Context {
 public:
  BlockContext(int64_t count, const Body& body) : count_(count), body_(body) { rows[0] = blocks(count); }

  void run_rows(const Buffers& buffers, int, int64_t y0, int64_t y1) const override {
    const int64_t begin = y0 * kBlock, end = y1 * kBlock < count_ ? y1 * kBlock : count_;
    if (begin < end) body_(buffers, begin, end);
  }

 private:
  int64_t count_;
  Body body_;
};

template <typename Body>
int32_t make_blocks(int64_t count, int inputs, int64_t output_bytes, const Body& body, Context** context) {
  *context = new BlockContext<Body>(count, body);
  if (*context == nullptr) return OCTET_OUT_OF_MEMORY;
  (*context)->inputs = inputs;
  (*context)->output_bytes = output_bytes;
  return OCTET_OK;
}

// The status of a factory or of shape.
template <typename T, typename Base>
int32_t made(T* object, Base** out) {
  *out = object;
  return object != nullptr ? OCTET_OK : OCTET_OUT_OF_MEMORY;
}

template <typename T>
const T* input(const Buffers& buffers, int i) {
  return reinterpret_cast<const T*>(buffers.in[i]);
}

template <typename T>
T* output(const Buffers& buffers) {
  return reinterpret_cast<T*>(buffers.out);
}

// Clamp bounds around a zero point, exact in float: codes have 8 bits.
inline float bound(int64_t code, int64_t zero_point) { return static_cast<float>(code - zero_point); }

}  // namespace octet

#endif  // OCTET_OPERATORS_BLOCKS_H_
