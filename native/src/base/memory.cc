#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

namespace octet {

void* allocate(int64_t bytes) {
  if (bytes < 0 || bytes > INT64_MAX - 2 * kAlignment) return nullptr;
  void* block = nullptr;
  if (posix_memalign(&block, kAlignment, static_cast<size_t>(bytes + kReadablePastEnd)) != 0) return nullptr;
  // The bytes past the end may reach a kernel's unused lanes: defined contents keep memory checkers quiet.
  memset(static_cast<char*>(block) + bytes, 0, kReadablePastEnd);
  return block;
}

void release(void* block) { free(block); }

}  // namespace octet
