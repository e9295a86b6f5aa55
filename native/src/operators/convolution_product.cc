#include "operators/convolution_product.h"

#include <string.h>

namespace octet {

namespace {

constexpr int kJobs = 32;
constexpr int64_t kBatchStep = 24;  // whole tiles of every height
// Most K steps of a float block: 64 columns of them are 256 KB, which stay in the L2 cache beside the next ones.
constexpr int64_t kFloatBlock = 1024;
constexpr int64_t kLineChannels = 64;  // the borders take copies of the weights
// Weights of this many bytes do not stay in the L2 cache beside what else is there; of the second many, not even alone.
constexpr int64_t kCachedWeights = 384 << 10, kStreamedWeights = 768 << 10;
// Fewer pixels read weights as fast as they come: asking for the next ones would only delay these.
constexpr int64_t kFewPixels = 16;

int64_t min(int64_t a, int64_t b) { return a < b ? a : b; }
int64_t max(int64_t a, int64_t b) { return a > b ? a : b; }

// Copies whole 16-byte pieces: up to 15 bytes more than asked, which both sides have room for.
inline void copy_loose(uint8_t* to, const uint8_t* from, int64_t bytes) {
  typedef uint64_t Piece __attribute__((vector_size(16)));
  for (int64_t i = 0; i < bytes; i += 16) {
    Piece piece;
    __builtin_memcpy(&piece, from + i, 16);
    __builtin_memcpy(to + i, &piece, 16);
  }
}

}  // namespace

bool PackedWeights::init(const GemmKernel& of, const OctetConvGeometry& g, const void* weight, bool permuted) {
  kernel = of;
  const int64_t channels = g.cin / g.groups, filter = g.kd * g.kh * g.kw;
  const int64_t columns = g.cout / g.groups;
  const bool broken = kernel.element == 1 && channels % kernel.k_group != 0;
  lines = broken && g.kw > 1 && g.dw == 1 && g.groups == 1 && channels < kLineChannels;
  matrix = broken && !lines && filter > 1 && channels < 16;
  filter_taps = matrix ? 1 : filter;
  filter_k = matrix ? filter * channels : channels;
  taps = lines ? filter / g.kw : filter_taps;
  tap_k = lines ? g.kw * channels : filter_k;
  if (!layout.init(kernel, columns, taps, tap_k, permuted) || !bytes.resize(layout.bytes() * g.groups)) return false;
  for (int64_t i = 0; i < g.groups; i++) {
    layout.pack(static_cast<const uint8_t*>(weight) + i * columns * filter * channels * kernel.element,
                bytes.data() + i * layout.bytes());
  }
  return true;
}

struct Product::Batch {
  const ProductArguments* arguments;
  const uint8_t* in;
  uint8_t* out;
  uint8_t *matrix, *wide, *partial;
  int32_t* row_sums;
  int64_t group, panel0, panel1;
  int64_t pixels = 0;
  int count = 0;
  Job jobs[kJobs];
  GemmTerm terms[kJobs][2];
};

bool Product::class_has_tap(int64_t c, int64_t filter_tap) const {
  if (weights_->matrix) return true;
  const int64_t kz = filter_tap / (g_.kh * g_.kw), ky = filter_tap / g_.kw % g_.kh, kx = filter_tap % g_.kw;
  const Class& k = classes_[c];
  return kz >= k.z.k0 && kz < k.z.k1 && ky >= k.y.k0 && ky < k.y.k1 && kx >= k.x.k0 && kx < k.x.k1;
}

int32_t Product::init(const OctetConvGeometry& g, const PackedWeights& weights, int element, int out_element) {
  g_ = g;
  weights_ = &weights;
  element_ = element;
  out_element_ = out_element;
  flat_ = is_pointwise(g);
  int64_t plane, pixels;
  if (!product(&plane, g.oh, g.ow) || !product(&pixels, g.n, g.od, plane) || plane >= INT32_MAX)
    return OCTET_INVALID_ARGUMENT;
  pixel_rows_ = flat_ ? pixels : g.n * g.od * g.oh;
  by_panels_ = pixels < 64 && g.groups * weights.layout.count() > 1;

  if (flat_ || weights.matrix) {
    if (!zs_.resize(1) || !ys_.resize(1) || !xs_.resize(1)) return OCTET_OUT_OF_MEMORY;
    zs_[0] = {0, static_cast<int32_t>(g.od), 0, static_cast<int32_t>(g.kd)};
    ys_[0] = {0, static_cast<int32_t>(g.oh), 0, static_cast<int32_t>(g.kh)};
    xs_[0] = {0, static_cast<int32_t>(g.ow), 0, static_cast<int32_t>(g.kw)};
  } else if (!cut_axis(g.d, g.od, g.kd, g.sd, g.pad_front, g.dd, &zs_) ||
             !cut_axis(g.h, g.oh, g.kh, g.sh, g.pad_top, g.dh, &ys_) ||
             !cut_axis(g.w, g.ow, g.kw, g.sw, g.pad_left, g.dw, &xs_)) {
    return OCTET_OUT_OF_MEMORY;
  }
  if (!make_spans() || !pack_edges()) return OCTET_OUT_OF_MEMORY;

  int64_t most_blocks = 1;
  for (int64_t i = 0; i < classes_.size(); i++) most_blocks = max(most_blocks, classes_[i].blocks);
  const int64_t seen = g.cin * element * min(g.sd, g.kd) * min(g.sh, g.kh) * min(g.sw, g.kw);  // new input of a pixel
  batch_pixels_ = min(4096, max(4 * kBatchStep, (512 << 10) / seen));
  if (weights.matrix) {
    matrix_bytes_ = (weights.tap_k + 3) / 4 * 4;
    batch_pixels_ = min(batch_pixels_, max(kBatchStep, (24 << 10) / matrix_bytes_));
  }
  if (weights.kernel.widen != nullptr) {
    wide_bytes_ = align_up(weights.taps * weights.layout.steps() * 4);
    batch_pixels_ = min(batch_pixels_, max(kBatchStep, (128 << 10) / wide_bytes_));
  }
  if (most_blocks > 1) batch_pixels_ = 8 * kBatchStep;  // one block of them at a time passes through the cache
  batch_pixels_ = min(batch_pixels_ / kBatchStep * kBatchStep, max(pixels, 1));
  const int64_t width = weights.kernel.lanes * weights.kernel.max_vectors;
  thread_bytes_ = align_up(batch_pixels_ * matrix_bytes_ + 64) + align_up(batch_pixels_ * wide_bytes_ + 64) +
                  align_up(batch_pixels_ * 4) + (most_blocks > 1 ? align_up(batch_pixels_ * width * 4) : 0);
  return OCTET_OK;
}

// Lists the spans of a class in the order of the reduction, neighbours in memory joined, blocks closed at their limit.
// pass 0 counts, pass 1 writes.
bool Product::add_spans(Class* c, int pass, int64_t* span_count, int64_t* block_count) {
  const PackedWeights& w = *weights_;
  const int64_t per_step = w.kernel.k_group * element_;
  const int64_t seen = w.lines ? (c->x.k1 - c->x.k0) * g_.cin : w.tap_k;
  const int64_t tap_bytes = seen * element_, tap_steps = (tap_bytes + per_step - 1) / per_step;
  const bool whole = tap_bytes == tap_steps * per_step;
  int64_t limit = INT32_MAX;
  if (w.kernel.element == 4) {  // blocks of one size
    int64_t all = 0;
    for (int64_t tap = 0; tap < w.taps; tap++) {
      const int64_t filter_tap = w.lines ? tap * g_.kw + c->x.k0 : tap;
      if (class_has_tap(c - classes_.data(), filter_tap)) all += tap_steps;
    }
    const int64_t count = max(1, (all + kFloatBlock - 1) / kFloatBlock);
    limit = max(1, (all + count - 1) / count);
  }
  if (pass == 1) c->first_block = *block_count;
  int64_t first_span = *span_count, in_block = 0, blocks = 0, wide_at = 0;
  GemmSpan last = {0, 0, 0, 0};
  const auto close_block = [&] {
    if (pass == 1) blocks_[*block_count] = {first_span, static_cast<int32_t>(*span_count - first_span)};
    ++*block_count;
    blocks++;
    first_span = *span_count;
    in_block = 0;
  };
  for (int64_t tap = 0; tap < w.taps; tap++) {
    const int64_t filter_tap = w.lines ? tap * g_.kw + c->x.k0 : tap;
    if (!class_has_tap(c - classes_.data(), filter_tap)) continue;
    const int64_t kz = filter_tap / (g_.kh * g_.kw), ky = filter_tap / g_.kw % g_.kh, kx = filter_tap % g_.kw;
    int64_t a = w.matrix ? 0 : ((kz * g_.dd * g_.h + ky * g_.dh) * g_.w + kx * g_.dw) * g_.cin * element_;
    int64_t b = tap * w.layout.steps(), steps = tap_steps, bytes = tap_bytes;
    while (steps > 0) {
      if (in_block == limit) close_block();
      const int64_t piece = min(steps, limit - in_block);
      const int64_t piece_bytes = min(bytes, piece * per_step);
      const bool joins = *span_count > first_span && whole && last.a + last.bytes == a && last.b + last.steps == b;
      if (joins) {
        last.steps += static_cast<int32_t>(piece);
        last.bytes += static_cast<int32_t>(piece_bytes);
      } else {
        last = {a, b, static_cast<int32_t>(piece), static_cast<int32_t>(piece_bytes)};
        ++*span_count;
      }
      if (pass == 1) {
        spans_[*span_count - 1] = last;
        if (w.kernel.widen != nullptr) {
          wide_spans_[*span_count - 1] = last;
          wide_spans_[*span_count - 1].a = wide_at - (last.steps - piece) * 4;
        }
      }
      wide_at += piece * 4;
      a += piece_bytes;
      b += piece;
      steps -= piece;
      bytes -= piece_bytes;
      in_block += piece;
    }
  }
  close_block();
  if (pass == 1) c->blocks = static_cast<int32_t>(blocks);
  return true;
}

bool Product::make_spans() {
  const int64_t xs = xs_.size(), ys = ys_.size();
  if (!classes_.resize(zs_.size() * ys * xs)) return false;
  for (int64_t i = 0; i < classes_.size(); i++) {
    classes_[i] = {zs_[i / (ys * xs)], ys_[i / xs % ys], xs_[i % xs], 0, 0, weights_->bytes.data()};
  }
  for (int pass = 0; pass < 2; pass++) {
    int64_t spans = 0, blocks = 0;
    for (int64_t i = 0; i < classes_.size(); i++) add_spans(&classes_[i], pass, &spans, &blocks);
    if (pass == 0 && (!spans_.resize(spans) || !blocks_.resize(blocks))) return false;
    if (pass == 0 && weights_->kernel.widen != nullptr && !wide_spans_.resize(spans)) return false;
  }
  return true;
}

// Pixels at the left and right border see a part of every line of the filter. What they read starts at the first tap they
// see, so they have weights of their own: that part, with zeros up to the end of the line.
bool Product::pack_edges() {
  if (!weights_->lines) return true;
  const PanelLayout& layout = weights_->layout;
  int64_t edges = 0;
  for (int64_t i = 0; i < xs_.size(); i++) edges += xs_[i].k1 - xs_[i].k0 != g_.kw;
  const int64_t lines = g_.cout * weights_->taps, line = weights_->tap_k;
  Array<uint8_t> whole, cut;
  if (!edge_weights_.resize(edges * layout.bytes()) || !whole.resize(lines * line) || !cut.resize(lines * line)) {
    return false;
  }
  layout.unpack(weights_->bytes.data(), whole.data());
  uint8_t* to = edge_weights_.data();
  for (int64_t i = 0; i < xs_.size(); i++) {
    const int64_t first = xs_[i].k0 * g_.cin, bytes = (xs_[i].k1 - xs_[i].k0) * g_.cin;
    if (bytes == line) continue;
    memset(cut.data(), 0, static_cast<size_t>(cut.size()));
    for (int64_t j = 0; j < lines; j++) {
      memcpy(cut.data() + j * line, whole.data() + j * line + first, static_cast<size_t>(bytes));
    }
    layout.pack(cut.data(), to);
    for (int64_t c = i; c < classes_.size(); c += xs_.size()) classes_[c].weights = to;
    to += layout.bytes();
  }
  return true;
}

// Rows of all taps for the pixels of a band. The bytes that fill up the last K step stay as they are: they meet zero weights.
void Product::gather(const GemmBand& band, int64_t group, int64_t slice, int64_t y0, uint8_t pad, const uint8_t* in,
                     uint8_t* rows) const {
  const int64_t channels = g_.cin / g_.groups, line = g_.kw * channels;
  const bool together = g_.dw == 1 && g_.groups == 1;
  const int64_t front = slice % g_.od * g_.sd - g_.pad_front, first_plane = slice / g_.od * g_.d + front;
  const bool deep_inside = front >= 0 && front + (g_.kd - 1) * g_.dd < g_.d;
  int64_t y = y0 + band.first / g_.ow, x = band.first % g_.ow;
  for (int32_t p = 0; p < band.count; p++) {
    const int64_t left = x * g_.sw - g_.pad_left, top = y * g_.sh - g_.pad_top;
    if (together && deep_inside && left >= 0 && left + g_.kw <= g_.w && top >= 0 && top + (g_.kh - 1) * g_.dh < g_.h) {
      uint8_t* to = rows;
      for (int64_t kz = 0; kz < g_.kd; kz++) {
        const uint8_t* from = in + (((first_plane + kz * g_.dd) * g_.h + top) * g_.w + left) * g_.cin;
        for (int64_t ky = 0; ky < g_.kh; ky++) {
          copy_loose(to, from, line);
          to += line;
          from += g_.dh * g_.w * g_.cin;
        }
      }
      rows += matrix_bytes_;
      if (++x == g_.ow) {
        x = 0;
        y++;
      }
      continue;
    }
    int64_t k0 = left < 0 ? min(g_.kw, (-left + g_.dw - 1) / g_.dw) : 0;
    int64_t k1 = left < g_.w ? min(g_.kw, (g_.w - left + g_.dw - 1) / g_.dw) : 0;
    if (k0 > k1) k0 = k1;
    for (int64_t k = 0; k < g_.kd * g_.kh; k++) {
      uint8_t* to = rows + k * line;
      const int64_t from_z = k / g_.kh * g_.dd, from_y = top + k % g_.kh * g_.dh;
      if (front + from_z < 0 || front + from_z >= g_.d || from_y < 0 || from_y >= g_.h || k0 == k1) {
        memset(to, pad, static_cast<size_t>(line));
        continue;
      }
      const uint8_t* from = in + (((first_plane + from_z) * g_.h + from_y) * g_.w + left) * g_.cin + group * channels;
      if (together) {
        copy_loose(to + k0 * channels, from + k0 * channels, (k1 - k0) * channels);
      } else {
        for (int64_t kx = k0; kx < k1; kx++) {
          const uint8_t* pixel = from + kx * g_.dw * g_.cin;
          for (int64_t c = 0; c < channels; c++) to[kx * channels + c] = pixel[c];
        }
      }
      if (k0 > 0) memset(to, pad, static_cast<size_t>(k0 * channels));
      if (k1 < g_.kw) memset(to + k1 * channels, pad, static_cast<size_t>((g_.kw - k1) * channels));
    }
    rows += matrix_bytes_;
    if (++x == g_.ow) {
      x = 0;
      y++;
    }
  }
}

// The pixels of class c in output rows [y0, y1) of a slice of the output (pixels y0 .. y1 - 1 of all when flat).
void Product::add(Batch* batch, const Class& c, int64_t slice, int64_t y0, int64_t y1) const {
  const int64_t channels = g_.cin / g_.groups, columns = g_.cout / g_.groups;
  const int64_t x0 = flat_ ? 0 : c.x.begin, width = flat_ ? y1 - y0 : c.x.end - c.x.begin;
  const int64_t total = flat_ ? width : width * (y1 - y0);
  GemmBand band = batch->arguments->band;
  if (flat_) {
    band.a = batch->in + (y0 * g_.cin + batch->group * channels) * element_;
    band.out = batch->out + (y0 * g_.cout + batch->group * columns) * out_element_;
  } else {
    // May point before the input: the first valid tap's offset brings it back.
    const int64_t plane = slice / g_.od * g_.d + slice % g_.od * g_.sd - g_.pad_front;
    const int64_t origin = ((plane * g_.h + y0 * g_.sh - g_.pad_top) * g_.w + x0 * g_.sw - g_.pad_left) * g_.cin;
    band.a = batch->in + (origin + batch->group * channels) * element_;
    band.out = batch->out + (((slice * g_.oh + y0) * g_.ow + x0) * g_.cout + batch->group * columns) * out_element_;
  }
  band.a_x = g_.sw * g_.cin * element_;
  band.a_y = g_.sh * g_.w * g_.cin * element_;
  band.out_x = g_.cout * out_element_;
  band.out_y = g_.ow * g_.cout * out_element_;
  const Block& block = blocks_[c.first_block];
  for (int64_t first = 0; first < total;) {
    const int64_t count = min(total - first, batch_pixels_ - batch->pixels);
    Job& job = batch->jobs[batch->count];
    job.pixels = &c;
    job.band = band;
    GemmBand& b = job.band;
    if (flat_) {
      b.width = INT32_MAX;
      b.first = 0;
      b.a += first * band.a_x;
      b.out += first * band.out_x;
      if (b.row_scale != nullptr) b.row_scale += (y0 + first) * b.row_scale_step;
      GemmTerm* terms = batch->terms[batch->count];
      for (int i = 0; i < b.term_count; i++) terms[i] = {b.terms[i].row + y0 + first, b.terms[i].column};
      b.terms = terms;
    } else {
      b.width = static_cast<int32_t>(width);
      b.first = static_cast<int32_t>(first);
    }
    b.count = static_cast<int32_t>(count);
    b.spans = spans_.data() + block.first_span;
    b.span_count = block.spans;
    if (weights_->matrix) {
      uint8_t* rows = batch->matrix + batch->pixels * matrix_bytes_;
      gather(b, batch->group, slice, y0, batch->arguments->pad_code, batch->in, rows);
      b.out += first / width * b.out_y + first % width * b.out_x;  // the rectangle is as wide as the output
      b.out_y = 0;
      b.a = rows;
      b.a_x = matrix_bytes_;
      b.width = INT32_MAX;
      b.first = 0;
    }
    if (batch->arguments->weight_zero_point != nullptr) {
      int32_t* sums = batch->row_sums + batch->pixels;
      // The sum of what the kernel multiplies: x ^ flip as u8 or s8, of which one is x as the other, less or more 128.
      const bool signed_a = weights_->kernel.signed_a != 0, flipped = b.flip != 0;
      const CodeSumKernel& kernel = *batch->arguments->code_sum;
      const OctetCodeSumFunction code_sum = signed_a != flipped ? kernel.s8 : kernel.u8;
      const uint32_t shift = flipped ? (signed_a ? 0u - 128u : 128u) : 0u;
      for (int64_t p = 0; p < count; p++) {
        const int64_t at = b.first + p;
        const uint8_t* a = b.a + at % b.width * b.a_x + at / b.width * b.a_y;
        uint32_t sum = 0;
        for (int32_t s = 0; s < b.span_count; s++) {
          const int32_t bytes = b.spans[s].bytes;
          sum += static_cast<uint32_t>(code_sum(a + b.spans[s].a, bytes)) + shift * static_cast<uint32_t>(bytes);
        }
        sums[p] = static_cast<int32_t>(0u - sum);
      }
      batch->terms[batch->count][b.term_count] = {sums, batch->arguments->weight_zero_point};
      b.terms = batch->terms[batch->count];
      b.term_count++;
    }
    if (weights_->kernel.widen != nullptr) {
      uint8_t* rows = batch->wide + batch->pixels * wide_bytes_;
      weights_->kernel.widen(b, rows, wide_bytes_);
      if (b.width != INT32_MAX && b.first != 0) b.out += b.first / b.width * b.out_y;
      b.first = b.width != INT32_MAX ? b.first % b.width : 0;
      b.a = rows - b.first * wide_bytes_;
      b.a_x = wide_bytes_;
      b.a_y = wide_bytes_ * b.width;
      b.spans = wide_spans_.data() + block.first_span;
    }
    first += count;
    batch->pixels += count;
    batch->count++;
    if (batch->pixels == batch_pixels_ || batch->count == kJobs) flush(batch);
  }
}

// The weights of the next call lie behind those of this one. Each band of the batch, which begins at pixel `at`, asks for
// its share of them.
void Product::fetch_next(const Batch& batch, int64_t at, GemmBand* band) const {
  const Array<uint8_t>& weights = weights_->bytes;
  if (batch.pixels < kFewPixels) {
    band->streamed = weights.size() > kStreamedWeights;
    return;
  }
  if (weights.size() < kCachedWeights || band->span_count == 0) return;
  const GemmKernel& kernel = weights_->kernel;
  const GemmSpan& last = band->spans[band->span_count - 1];
  const int64_t step = static_cast<int64_t>(band->vectors) * kernel.lanes * kernel.k_group * kernel.element;
  const int64_t size = (last.b + last.steps - band->spans[0].b) * step;
  const int64_t begin = size * at / batch.pixels & ~int64_t{63}, end = size * (at + band->count) / batch.pixels;
  const uint8_t* const from = band->panel + (last.b + last.steps) * step;
  const int64_t exist = weights.data() + weights.size() - from;
  if (begin >= exist) return;
  band->ahead = from + begin;
  band->ahead_bytes = min(end, exist) - begin;
  band->ahead_row = static_cast<int32_t>(size / batch.pixels);
  band->ahead_step = static_cast<int32_t>(step * 256 / batch.pixels);
}

void Product::set_panel(const Batch& batch, const Job& job, int64_t p, GemmBand* band, GemmTerm* terms) const {
  const Panel& panel = weights_->layout.panel(p);
  const int64_t position = batch.group * weights_->layout.positions() + panel.position;
  band->out += panel.column * out_element_;
  band->panel = job.pixels->weights + batch.group * weights_->layout.bytes() + panel.offset;
  band->columns = panel.columns;
  band->vectors = panel.vectors;
  if (band->start != nullptr) {
    band->start += (job.pixels - classes_.data()) * batch.arguments->start_stride + position;
  }
  if (band->multiplier != nullptr) band->multiplier += position;
  if (band->bias != nullptr) band->bias += position;
  for (int32_t i = 0; i < band->term_count; i++) terms[i] = {band->terms[i].row, band->terms[i].column + position};
  band->terms = terms;
}

// Block `block` of the reduction of one panel for one job, which begins at pixel `at` of the batch.
void Product::run_panel(const Batch& batch, const Job& job, int64_t p, int32_t block, int64_t at) const {
  const Block& spans = blocks_[job.pixels->first_block + block];
  GemmBand band = job.band;
  GemmTerm terms[2];
  band.spans = (weights_->kernel.widen != nullptr ? wide_spans_ : spans_).data() + spans.first_span;
  band.span_count = spans.spans;
  set_panel(batch, job, p, &band, terms);
  const int64_t width = static_cast<int64_t>(band.vectors) * weights_->kernel.lanes;
  band.partial = reinterpret_cast<float*>(batch.partial) + at * width;
  band.load_partial = block > 0;
  band.store_partial = block + 1 < job.pixels->blocks;
  fetch_next(batch, at, &band);
  weights_->kernel.run(band);
}

// A single row in one block: reading the weights is all there is to do. Where they do not stay in the L2 cache, every
// second row goes through them backwards, so that a row that follows soon (the steps of a recurrent layer) finds those
// that were read last.
void Product::flush_row(const Batch& batch) const {
  const PanelLayout& layout = weights_->layout;
  const GemmKernel& kernel = weights_->kernel;
  const Job& job = batch.jobs[0];
  int64_t full = batch.panel0;
  while (full < batch.panel1 && layout.panel(full).columns == kernel.lanes * kernel.max_vectors) full++;
  const bool streamed = weights_->bytes.size() > kStreamedWeights;
  const bool back = streamed && __atomic_fetch_xor(&backwards_, 1, __ATOMIC_RELAXED) != 0;
  const auto run_rest = [&] {
    for (int64_t p = full; p < batch.panel1; p++) run_panel(batch, job, p, 0, 0);
  };
  if (back) run_rest();
  if (full > batch.panel0) {
    GemmBand band = job.band;
    GemmTerm terms[2];
    band.streamed = streamed;
    set_panel(batch, job, back ? full - 1 : batch.panel0, &band, terms);
    const int64_t bytes = layout.steps() * weights_->taps * kernel.max_vectors * kernel.lanes * kernel.k_group;
    kernel.run_row(band, {static_cast<int32_t>(full - batch.panel0), back ? -1 : 1, bytes * kernel.element});
  }
  if (!back) run_rest();
}

// All panels over the pixels of the batch.
void Product::flush(Batch* batch) const {
  int32_t most_blocks = 0;
  for (int j = 0; j < batch->count; j++) {
    if (batch->jobs[j].pixels->blocks > most_blocks) most_blocks = batch->jobs[j].pixels->blocks;
  }
  if (batch->pixels == 1 && most_blocks == 1 && weights_->kernel.run_row != nullptr) {
    flush_row(*batch);
  } else {
    for (int64_t p = batch->panel0; p < batch->panel1; p++) {
      for (int32_t k = 0; k < most_blocks; k++) {
        int64_t place = 0;
        for (int j = 0; j < batch->count; j++) {
          const Job& job = batch->jobs[j];
          if (k < job.pixels->blocks) run_panel(*batch, job, p, k, place);
          place += job.band.count;
        }
      }
    }
  }
  batch->pixels = 0;
  batch->count = 0;
}

void Product::run(const ProductArguments& arguments, const uint8_t* in, uint8_t* out, uint8_t* scratch, int64_t r0,
                  int64_t r1) const {
  Batch batch;
  batch.arguments = &arguments;
  batch.in = in;
  batch.out = out;
  batch.matrix = scratch;
  batch.wide = batch.matrix + align_up(batch_pixels_ * matrix_bytes_ + 64);
  batch.row_sums = reinterpret_cast<int32_t*>(batch.wide + align_up(batch_pixels_ * wide_bytes_ + 64));
  batch.partial = reinterpret_cast<uint8_t*>(batch.row_sums) + align_up(batch_pixels_ * 4);
  const int64_t panels = weights_->layout.count();
  int64_t y0 = r0, y1 = r1;
  if (by_panels_) {
    y0 = 0;
    y1 = pixel_rows_;
  }
  for (batch.group = 0; batch.group < g_.groups; batch.group++) {
    batch.panel0 = by_panels_ ? max(0, r0 - batch.group * panels) : 0;
    batch.panel1 = by_panels_ ? min(panels, r1 - batch.group * panels) : panels;
    if (batch.panel0 >= batch.panel1) continue;
    if (flat_) {
      add(&batch, classes_[0], 0, y0, y1);
    } else {
      for (int64_t y = y0; y < y1;) {
        const int64_t slice = y / g_.oh, top = y % g_.oh, bottom = min(g_.oh, top + y1 - y), z = slice % g_.od;
        for (int64_t c = 0; c < classes_.size(); c++) {
          if (z < classes_[c].z.begin || z >= classes_[c].z.end) continue;
          const int64_t begin = max(top, classes_[c].y.begin), end = min(bottom, classes_[c].y.end);
          if (begin < end) add(&batch, classes_[c], slice, begin, end);
        }
        y += bottom - top;
      }
    }
    flush(&batch);
  }
}

}  // namespace octet
