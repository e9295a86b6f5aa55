// Walking a band of pixels tile by tile: shared by the kernels of all ISAs, each compiling its own copy.
#ifndef OCTET_KERNELS_GEMM_TILES_H_
#define OCTET_KERNELS_GEMM_TILES_H_

#include <stdint.h>

#include "kernels/gemm.h"

// Separates the K loop from the epilogue: without it g++ 12 spills the accumulators inside the loop.
#if defined(__GNUC__) && defined(__x86_64__)
#define OCTET_KEEP(x) asm volatile("" : "+v"(x))
#elif defined(__GNUC__) && defined(__aarch64__)
#define OCTET_KEEP(x) asm volatile("" : "+w"(x))
#else
#define OCTET_KEEP(x) (void)(x)
#endif

// What is read through the pointer is read anew, as an operand, instead of being kept in registers that others need.
#define OCTET_OPAQUE(pointer) asm volatile("" : "+r"(pointer))

namespace {

[[maybe_unused]] inline int32_t load32(const uint8_t* p) {
  int32_t v;
  __builtin_memcpy(&v, p, 4);
  return v;
}

// The addresses of a tile's rows in A and in the output; `place` is the first row's index in the band.
using Tile = void (*)(const octet::GemmBand&, const uint8_t* const*, uint8_t* const*, int);

// Asks for part `i` of `count` of what the next call will read.
inline void fetch_ahead(const octet::GemmBand& g, int i, int count) {
  const int64_t part = (g.ahead_bytes / count + 63) & ~int64_t{63}, begin = i * part;
  const int64_t end = begin + part < g.ahead_bytes ? begin + part : g.ahead_bytes;
  for (int64_t at = begin; at < end; at += 64) __builtin_prefetch(g.ahead + at, 0, 2);
}

// Splits the band into tiles of nearly equal height. fetch: ask for what lies ahead before each tile.
inline void run_tiles(const octet::GemmBand& g, const Tile* tiles, int tallest, bool fetch = true) {
  const int count = (g.count + tallest - 1) / tallest;
  if (count == 0) return;
  const int rows = g.count / count, taller = g.count % count;
  int x = g.first % g.width;
  const int y = g.first / g.width;
  const uint8_t* a = g.a + x * g.a_x + y * g.a_y;
  uint8_t* out = g.out + x * g.out_x + y * g.out_y;
  const int64_t a_wrap = g.a_y - g.width * g.a_x, out_wrap = g.out_y - g.width * g.out_x;
  const uint8_t* as[8];
  uint8_t* outs[8];
  int place = 0;
  for (int t = 0; t < count; ++t) {
    const int mr = rows + (t < taller);
    for (int m = 0; m < mr; ++m) {
      as[m] = a;
      outs[m] = out;
      a += g.a_x;
      out += g.out_x;
      if (++x == g.width) {
        x = 0;
        a += a_wrap;
        out += out_wrap;
      }
    }
    if (fetch && g.ahead_bytes != 0) fetch_ahead(g, t, count);
    tiles[mr - 1](g, as, outs, place);
    place += mr;
  }
}

}  // namespace

#endif  // OCTET_KERNELS_GEMM_TILES_H_
