#include "pack/panels.h"

namespace octet {

namespace {

// The width of the next panel when `left` registers of columns remain. 5 = 3 + 2, 6 = 3 + 3, 9 = 3 + 3 + 3 rather than a
// narrow rest, which would be fed too slowly from memory.
int32_t next_width(int64_t left, int32_t widest) {
  if (widest == 4 && left > 4 && left % 4 != 0) return 3;
  return left < widest ? static_cast<int32_t>(left) : widest;
}

}  // namespace

bool PanelLayout::init(const GemmKernel& kernel, int64_t columns, int64_t taps, int64_t k, bool permuted) {
  kernel_ = kernel;
  taps_ = taps;
  k_ = k;
  steps_ = (k + kernel.k_group - 1) / kernel.k_group;
  const int64_t registers = (columns + kernel.lanes - 1) / kernel.lanes;
  int64_t panels = 0;
  for (int64_t left = registers; left > 0; panels++) left -= next_width(left, kernel.max_vectors);
  if (!panels_.resize(panels) || !order_.resize(registers * kernel.lanes)) return false;
  int64_t column = 0, position = 0, left = registers;
  bytes_ = 0;
  for (int64_t i = 0; i < panels; i++) {
    const int32_t vectors = next_width(left, kernel.max_vectors);
    const int32_t width = vectors * kernel.lanes;
    const int64_t rest = columns - column;
    const int32_t exist = static_cast<int32_t>(rest < width ? rest : width);
    panels_[i] = {static_cast<int32_t>(column), exist, vectors, static_cast<int32_t>(position), bytes_};
    for (int32_t c = 0; c < width; c++) {
      const int32_t lane = c / (4 * vectors), v = c % (4 * vectors) / 4;
      const int32_t at = permuted ? v * kernel.lanes + 4 * lane + c % 4 : c;
      order_[position + at] = c < exist ? static_cast<int32_t>(column + c) : -1;
    }
    column += width;
    position += width;
    left -= vectors;
    bytes_ += taps * steps_ * width * kernel.k_group * kernel.element;
  }
  return true;
}

// Calls visit(packed offset, weight offset or -1), both in elements, for every packed element in order.
template <typename Visit>
void PanelLayout::walk(Visit visit) const {
  int64_t at = 0;
  for (int64_t i = 0; i < panels_.size(); i++) {
    const Panel& panel = panels_[i];
    const int32_t width = panel.vectors * kernel_.lanes;
    for (int64_t tap = 0; tap < taps_; tap++) {
      for (int64_t step = 0; step < steps_; step++) {
        for (int32_t j = 0; j < width; j++) {
          const int64_t column = order_[panel.position + j];
          for (int64_t e = step * kernel_.k_group; e < (step + 1) * kernel_.k_group; e++) {
            visit(at++, column >= 0 && e < k_ ? (column * taps_ + tap) * k_ + e : -1);
          }
        }
      }
    }
  }
}

template <typename T>
void PanelLayout::pack_elements(const T* from, T* to) const {
  walk([=](int64_t at, int64_t source) { to[at] = source >= 0 ? from[source] : T{0}; });
}

void PanelLayout::pack(const void* weight, uint8_t* to) const {
  switch (kernel_.element) {
    case 1:
      return pack_elements(static_cast<const uint8_t*>(weight), to);
    case 2:
      return pack_elements(static_cast<const int16_t*>(weight), reinterpret_cast<int16_t*>(to));
    default:
      return pack_elements(static_cast<const float*>(weight), reinterpret_cast<float*>(to));
  }
}

void PanelLayout::unpack(const uint8_t* from, void* weight) const {
  const int64_t element = kernel_.element;
  uint8_t* to = static_cast<uint8_t*>(weight);
  walk([=](int64_t at, int64_t source) {
    if (source >= 0) __builtin_memcpy(to + source * element, from + at * element, static_cast<size_t>(element));
  });
}

}  // namespace octet
