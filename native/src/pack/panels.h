// The packed layout of a weight matrix: panels of columns, each [K steps][width][k_group].
//
//     columns   0 ......... 63 | 64 ........ 127 | 128 .. 143 |          a panel is 1 to max_vectors registers wide
//     step 0   [c0 k0..k3][c1 k0..k3] ... [c63 k0..k3]                   (here k_group = 4, vpdpbusd's quads)
//     step 1   [c0 k4..k7] ...
//
// K is cut into taps (the filter positions of a convolution), each padded with zero weights to whole steps; columns that
// do not exist are zero too.
//
// For 8-bit results the columns of a panel are permuted: the narrowing packs of x86 work within 128-bit lanes, so a panel
// of NV registers puts column c at  register v = c % (4 NV) / 4,  lane L = c / (4 NV),  element c % 4,  and the packed bytes
// come out in order. Per-column vectors (bias, multiplier ...) are stored in the same order, by position.
#ifndef OCTET_PACK_PANELS_H_
#define OCTET_PACK_PANELS_H_

#include <stdint.h>

#include "base/memory.h"
#include "kernels/gemm.h"

namespace octet {

struct Panel {
  int32_t column, columns;  // first column and how many exist
  int32_t vectors;          // width in registers
  int32_t position;         // of its first column in per-column vectors
  int64_t offset;           // bytes from the start of the packed matrix
};

class PanelLayout {
 public:
  // A matrix of `columns` by `taps` * `k`. False when there is no memory.
  bool init(const GemmKernel& kernel, int64_t columns, int64_t taps, int64_t k, bool permuted);

  int64_t count() const { return panels_.size(); }
  const Panel& panel(int64_t i) const { return panels_[i]; }
  int64_t bytes() const { return bytes_; }             // of the packed matrix
  int64_t positions() const { return order_.size(); }  // padded columns
  int64_t steps() const { return steps_; }             // K steps of one tap
  // The column at a position, -1 where there is none.
  int32_t column(int64_t position) const { return order_[position]; }

  // weight: [columns][taps][k], elements of kernel.element bytes.
  void pack(const void* weight, uint8_t* to) const;
  void unpack(const uint8_t* from, void* weight) const;
  // to[position] = from[column], `missing` where there is no column.
  template <typename T>
  void spread(const T* from, T missing, T* to) const {
    for (int64_t i = 0; i < positions(); i++) to[i] = order_[i] >= 0 ? from[order_[i]] : missing;
  }

 private:
  template <typename Visit>
  void walk(Visit visit) const;
  template <typename T>
  void pack_elements(const T* from, T* to) const;

  GemmKernel kernel_ = {};
  int64_t taps_ = 0, k_ = 0, steps_ = 0, bytes_ = 0;
  Array<Panel> panels_;
  Array<int32_t> order_;
};

}  // namespace octet

#endif  // OCTET_PACK_PANELS_H_
