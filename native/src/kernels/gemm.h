// What a matrix-product kernel gets and what an ISA declares about its kernels. Plain structs only: this header is
// compiled into ISA-specific objects.
//
// One call works on a BAND: `count` pixels (rows of the product) times one packed panel of columns. The pixels are taken
// in order from a rectangle `width` pixels wide, so that the same kernel serves a linear layer (one long row) and a
// convolution (the rectangle of all outputs that see the same set of valid taps). The reduction runs over SPANS: pieces
// of K that lie together in memory, the same offsets for every pixel. Padded taps are simply not in the list.
#ifndef OCTET_KERNELS_GEMM_H_
#define OCTET_KERNELS_GEMM_H_

#include <stdint.h>

namespace octet {

// One K step reads k_group elements of A: on x86 4 bytes (4 x u8, 2 x s16 or 1 x f32), on ARM 2, 4 or 8.
struct GemmSpan {
  int64_t a;      // bytes from a pixel's base
  int64_t b;      // K steps from the panel's start
  int32_t steps;  // K steps
  int32_t bytes;  // the bytes of the original activations that count; the rest meets zero weights
};

// acc += row[i] * column[j]: corrections by zero points that are only known per row.
struct GemmTerm {
  const int32_t* row;     // indexed by the pixel's place in the band
  const int32_t* column;  // in panel order
};

struct GemmBand {
  const uint8_t* a;
  int64_t a_x, a_y;  // bytes between neighbours in a row, and between rows of the rectangle
  uint8_t* out;
  int64_t out_x, out_y;
  int32_t width;         // of the rectangle
  int32_t first, count;  // pixels first .. first + count - 1
  const GemmSpan* spans;
  int32_t span_count;
  const uint8_t* panel;
  int32_t columns;  // that exist; at most lanes * vectors
  int32_t vectors;  // the panel's width in registers
  // What the next call will read of the weights, to be fetched into the second level cache meanwhile; 0 bytes: nothing.
  const uint8_t* ahead;
  int64_t ahead_bytes;
  int32_t streamed;  // the weights come from beyond that cache, and only a few pixels share them

  // 8 bit: q = clamp(zp + rint((float)acc * multiplier)); arrays are in panel order.
  uint32_t flip;         // xor for every 4 bytes of A: 0x80808080 turns s8 into u8, or u8 into s8 for a signed kernel
  const int32_t* start;  // bias with folded zero points
  const GemmTerm* terms;
  int32_t term_count;
  const float* multiplier;  // or the weight scales when dequantizing
  int32_t zero_point, qmin, qmax;
  int32_t out_flip;     // 0x80 for s8 output: zero point and bounds above are then 128 larger
  int32_t clamp_first;  // (float)acc * multiplier may leave the int32 range: clamp before the conversion

  // f32 results
  int32_t dequantize;  // y = (float)acc * (row_scale * multiplier) + bias, clamped
  const float* row_scale;
  int32_t row_scale_step;  // 0: one scale for all, and one factor in terms[0].row
  const float* bias;       // 0: none
  float lo, hi;
  // f32 product only: partial sums between blocks of K, [pixel - first][lanes * vectors]
  float* partial;
  int32_t load_partial, store_partial;
  // Of what lies ahead: bytes for each pixel, and for each pixel and K step times 256.
  int32_t ahead_row, ahead_step;
};

// Panels of the full width side by side: band.panel, its columns and its output are the first's.
struct GemmPanels {
  int32_t count;
  int32_t step;   // 1: to the right, -1: to the left
  int64_t bytes;  // of one
};

// The geometry of one ISA's kernels. Packer (pack/panels.h) and kernel are described by one record, so they cannot
// disagree. run == 0: the ISA has none, and the operator runs the specification (conv_*.cc of the reference).
struct GemmKernel {
  void (*run)(const GemmBand& band);
  int32_t lanes;        // columns in a vector register
  int32_t max_vectors;  // registers across the widest panel
  int32_t k_group;      // elements of K in one step
  int32_t element;      // bytes of one packed weight
  // Not 0 where A must be widened first: writes the band's spans as dense rows of s16, `row_bytes` apart, in order, and up
  // to 32 bytes beyond each; what fills up a span's last step meets zero weights. `run` is then given those rows, and spans
  // with offsets into them.
  void (*widen)(const GemmBand& band, uint8_t* rows, int64_t row_bytes);
  // The kernel multiplies s8 x s8: activations are codes less 128, zero points too.
  int32_t signed_a = 0;
  // One pixel, several panels: for a single row the calls for each would be a good part of the time. 0: none.
  void (*run_row)(const GemmBand& band, const GemmPanels& panels) = nullptr;
};

}  // namespace octet

#endif  // OCTET_KERNELS_GEMM_H_
