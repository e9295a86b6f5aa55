// A random operator: attributes within what the Java side lets pass, the sizes of constants and tensors that they imply.
#ifndef OCTET_FUZZ_FUZZ_CASE_H_
#define OCTET_FUZZ_FUZZ_CASE_H_

#include <stddef.h>
#include <stdint.h>

#include <vector>

namespace fuzz {

// The fuzzer's bytes, then numbers that follow from them.
class Source {
 public:
  Source(const uint8_t* data, size_t size);
  uint8_t byte();
  int64_t below(int64_t n);  // 0 .. n - 1
  int64_t between(int64_t least, int64_t most) { return least + below(most - least + 1); }
  bool one_in(int64_t n) { return below(n) == 0; }
  void fill(void* to, int64_t bytes);

 private:
  const uint8_t* data_;
  size_t left_;
  uint64_t state_;
};

struct Case {
  int32_t kind = 0;
  std::vector<int64_t> attributes;
  std::vector<int64_t> constants;  // bytes, -1 where absent
  std::vector<int64_t> dims;
  std::vector<int64_t> inputs;  // bytes
  int64_t output = 0;           // bytes
  int input_alignment = 1, output_alignment = 1;
  // Constants that must hold finite positive floats: the requantization's multiplier. -1: none.
  int finite = -1;
};

// Sizes stay below about a megabyte.
Case make_case(Source* s);

}  // namespace fuzz

#endif  // OCTET_FUZZ_FUZZ_CASE_H_
