// Running a convolution (or a linear layer) as matrix products over packed panels: blocking and addressing, common to the
// 8-bit, the float and the dynamic operator.
#ifndef OCTET_OPERATORS_CONVOLUTION_PRODUCT_H_
#define OCTET_OPERATORS_CONVOLUTION_PRODUCT_H_

#include <stdint.h>

#include "base/memory.h"
#include "kernels/statistics.h"
#include "operators/convolution_geometry.h"
#include "pack/panels.h"

namespace octet {

// The weights of all groups, packed for one kernel.
struct PackedWeights {
  GemmKernel kernel;
  PanelLayout layout;  // of one group
  Array<uint8_t> bytes;
  int64_t taps, tap_k;            // pieces of K, each padded to whole steps
  int64_t filter_taps, filter_k;  // positions of the filter, of which a class of pixels sees some
  // For 8 bits only: the few channels of a first layer would leave most of a K step empty. So a row of the filter is one
  // tap where it lies together in memory; elsewhere the activations are first gathered into rows of all taps (im2col),
  // padding filled with the zero point.
  bool lines, matrix;

  // weight: [cout][kd][kh][kw][cin / groups] of kernel.element bytes. False when there is no memory.
  bool init(const GemmKernel& kernel, const OctetConvGeometry& g, const void* weight, bool permuted);
};

// The parts of a band that are the same for the whole run; per-column pointers are those of position 0 of group 0.
struct ProductArguments {
  GemmBand band = {};
  // band.start is that of class 0; the next class's is this much further.
  int64_t start_stride = 0;
  // Weight zero points in panel order; adds the term -(sum of the row) * weight zero point. Null: none.
  const int32_t* weight_zero_point = nullptr;
  const CodeSumKernel* code_sum = nullptr;  // needed with them
  uint8_t pad_code = 0;
};

class Product {
 public:
  // The weights must outlive it. element, out_element: bytes of an input and of an output value.
  int32_t init(const OctetConvGeometry& g, const PackedWeights& weights, int element, int out_element);

  int64_t rows() const { return by_panels_ ? g_.groups * weights_->layout.count() : pixel_rows_; }
  // As Context::row_bytes.
  int64_t row_bytes() const { return by_panels_ ? 0 : (flat_ ? 1 : g_.ow) * g_.cout * out_element_; }
  int64_t thread_bytes() const { return thread_bytes_; }

  // Classes of pixels that see the same taps: one for each triple of segments. A matrix is one tap.
  int64_t classes() const { return classes_.size(); }
  bool class_has_tap(int64_t c, int64_t filter_tap) const;

  // band.terms, row_scale: indexed by the pixel, pointwise only.
  void run(const ProductArguments& arguments, const uint8_t* in, uint8_t* out, uint8_t* scratch, int64_t y0,
           int64_t y1) const;

 private:
  struct Class {
    Segment z, y, x;
    int64_t first_block;  // in blocks_
    int32_t blocks;
    const uint8_t* weights;
  };
  // A piece of the reduction that is worked off for a whole batch of pixels before the next.
  struct Block {
    int64_t first_span;
    int32_t spans;
  };
  struct Job {
    GemmBand band;
    const Class* pixels;
  };
  struct Batch;

  bool make_spans();
  bool pack_edges();
  bool add_spans(Class* c, int pass, int64_t* span_count, int64_t* block_count);
  void add(Batch* batch, const Class& c, int64_t slice, int64_t y0, int64_t y1) const;
  void flush(Batch* batch) const;
  void flush_row(const Batch& batch) const;
  void run_panel(const Batch& batch, const Job& job, int64_t p, int32_t block, int64_t at) const;
  void set_panel(const Batch& batch, const Job& job, int64_t p, GemmBand* band, GemmTerm* terms) const;
  void fetch_next(const Batch& batch, int64_t at, GemmBand* band) const;
  void gather(const GemmBand& band, int64_t group, int64_t slice, int64_t y0, uint8_t pad, const uint8_t* in,
              uint8_t* rows) const;

  OctetConvGeometry g_ = {};
  const PackedWeights* weights_ = nullptr;
  int64_t element_ = 1, out_element_ = 1;
  bool flat_ = false, by_panels_ = false;
  int64_t pixel_rows_ = 0;
  int64_t batch_pixels_ = 0;  // pixels whose activations stay in the cache while all panels pass over them
  int64_t matrix_bytes_ = 0, wide_bytes_ = 0;  // of one gathered, one widened row
  int64_t thread_bytes_ = 0;
  Array<Segment> zs_, ys_, xs_;
  Array<Class> classes_;
  Array<Block> blocks_;
  Array<GemmSpan> spans_, wide_spans_;
  // Whether the next row goes through the panels backwards; no result depends on it.
  mutable uint32_t backwards_ = 0;
  Array<uint8_t> edge_weights_;  // filter lines cut at the borders
};

}  // namespace octet

#endif  // OCTET_OPERATORS_CONVOLUTION_PRODUCT_H_
