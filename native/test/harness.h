// Parity of every ISA with the reference, through the C ABI. No framework: a case is a struct, a failure is a line.
//
// To test an operator, add a file cases_<family>.cc with a `static const Family family{"name", enumerate};` whose
// function calls check(case) for every case.
#ifndef OCTET_TEST_HARNESS_H_
#define OCTET_TEST_HARNESS_H_

#include <stdint.h>

#include <functional>
#include <string>
#include <vector>

namespace test {

// How a buffer is filled. Codes: random, all the minimum, all the maximum, a mix of the two, zero.
// Floats: normal numbers around the range of the codes, -largest, +largest, a mix of NaN, infinities, denormals, ties
// and signed zeros, zero.
enum class Fill { kRandom, kMin, kMax, kExtremes, kZero };
constexpr Fill kFills[] = {Fill::kRandom, Fill::kMin, Fill::kMax, Fill::kExtremes, Fill::kZero};

// Bytes of one tensor or constant; type is an octet_type.
struct Data {
  int type;
  std::vector<uint8_t> bytes;
  int64_t count() const;
};

Data make(int type, int64_t count, Fill fill, uint64_t seed);
template <typename T>
Data of(int type, const std::vector<T>& values) {
  const auto* from = reinterpret_cast<const uint8_t*>(values.data());
  return {type, std::vector<uint8_t>(from, from + values.size() * sizeof(T))};
}

int64_t bits(float value);  // an "f" attribute slot

struct Case {
  std::string name;
  int32_t kind;
  std::vector<int64_t> attributes;
  std::vector<Data> constants;  // an empty Data stands for an absent one
  std::vector<int64_t> dims;
  std::vector<Data> inputs;
  int out_type;
  // Bytes that may be read past the end of an input: storage promises 64, which kernels may use where they say so.
  int64_t readable = 0;
};

// Runs the case on the reference and on every other ISA that runs here, inputs and output at `misalign` elements past a
// 64-byte boundary, each input ending exactly at the end of its block; fails unless all bytes agree (NaN = NaN) and
// nothing else was written. Runs it once more in three cuts of the rows, through a plan.
void check(const Case& c, int misalign = 0);

// The reference's output, as the output of the case. For tests of the specification itself.
std::vector<uint8_t> reference(const Case& c);

// Counts and prints a failure when `ok` is false.
void expect(bool ok, const std::string& what);

// Whether every shape meets every combination of fills, zero points and misalignments (--full), not a covering few.
bool full_sweep();

// Sizes around every tile edge.
const std::vector<int64_t>& sizes();

struct Family {
  Family(const char* name, void (*enumerate)());
};

}  // namespace test

#endif  // OCTET_TEST_HARNESS_H_
