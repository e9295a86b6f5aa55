#include "operators/convolution_grouped.h"

#include <string.h>

namespace octet {

bool GroupedQ8::init(const GroupedQ8Kernel& kernel, const OctetConvGeometry& g, const OctetConvQ8& p) {
  const int64_t lanes = kernel.lanes, width = 4 * lanes, channels = g.cin / g.groups, taps = g.kh * g.kw;
  const int64_t blocks = (g.cin + width - 1) / width, quads = channels < 4 ? 1 : channels / 4;
  const int64_t block_bytes = taps * quads * 4 * width;
  if (!weights_.resize(blocks * block_bytes) || !start_.resize(blocks * width) || !multiplier_.resize(blocks * width)) {
    return false;
  }
  memset(weights_.data(), 0, static_cast<size_t>(weights_.size()));
  parameters_ = p;
  parameters_.weight = nullptr;
  parameters_.multiplier = nullptr;
  parameters_.bias = nullptr;
  signed_a_ = kernel.signed_a != 0;
  const uint32_t zero_point = zero_point_of(p, signed_a_);
  for (int64_t i = 0; i < blocks * width; i++) {
    const int64_t k = i / lanes % 4, lane = i % lanes, out = i / width * width + 4 * lane + k;
    start_[i] = 0;
    multiplier_[i] = 0;
    if (out >= g.cout) continue;
    const int64_t group = out / channels * channels;  // its first channel
    uint8_t* const to = weights_.data() + i / width * block_bytes + (k * lanes + lane) * 4;
    uint32_t sum = 0;
    int64_t size = 0;
    for (int64_t tap = 0; tap < taps; tap++) {
      const int8_t* const from = p.weight + (out * taps + tap) * channels;
      for (int64_t c = 0; c < channels; c++) {
        // The form in which this lane meets the channel's quad.
        const int64_t form = (lane ^ ((group + c) / 4)) % quads;
        to[(tap * quads + form) * 4 * width + (group + c) % 4] = static_cast<uint8_t>(from[c]);
        sum += static_cast<uint32_t>(from[c]);
        size += from[c] < 0 ? -from[c] : from[c];
      }
    }
    const int32_t bias = p.bias != nullptr ? p.bias[out] : 0;
    start_[i] = static_cast<int32_t>(static_cast<uint32_t>(bias) - zero_point * sum);
    multiplier_[i] = p.multiplier[out];
    clamp_first_ |= leaves_int_range(size, bias, multiplier_[i]);
  }
  kernel_ = kernel;
  quads_ = quads;
  block_bytes_ = block_bytes;
  width_ = width;
  return true;
}

void GroupedQ8::run(const OctetConvGeometry&, const BlockBandQ8& band, bool) const {
  GroupedQ8Band grouped;
  static_cast<BlockBandQ8&>(grouped) = band;
  grouped.quads = static_cast<int32_t>(quads_);
  kernel_.run(grouped);
}

}  // namespace octet
