#include "harness.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <limits>
#include <random>

#include "octet/octet.h"
#include "octet/octet_kinds.h"

namespace test {

namespace {

int64_t failures = 0, checks = 0;
bool full = false;

struct Entry {
  const char* name;
  void (*enumerate)();
};

std::vector<Entry>& families() {
  static std::vector<Entry> all;
  return all;
}

int64_t address(const void* p) { return reinterpret_cast<int64_t>(p); }

int64_t element(int type) { return type == OCTET_F32 || type == OCTET_S32 ? 4 : 1; }

// A block whose data starts `offset` bytes after a 64-byte boundary and ends at the end of the allocation, so that a
// memory checker sees the first byte read past it. The guard bytes around an output are checked by hand.
class Block {
 public:
  static constexpr int kGuard = 64;

  Block(int64_t bytes, int64_t offset, bool guarded, int64_t readable = 0)
      : bytes_(bytes), guard_(guarded ? kGuard : static_cast<int>(readable)) {
    const size_t total = static_cast<size_t>(kGuard + offset + bytes + guard_);
    void* p = nullptr;
    if (posix_memalign(&p, 64, total) != 0) abort();
    raw_ = static_cast<uint8_t*>(p);
    data_ = raw_ + kGuard + offset;
    memset(raw_, 0xA5, total);
    total_ = total;
  }
  Block(const Block&) = delete;
  Block& operator=(const Block&) = delete;
  ~Block() { free(raw_); }

  uint8_t* data() { return data_; }
  bool guards_intact() const {
    for (const uint8_t* p = raw_; p < data_; p++) {
      if (*p != 0xA5) return false;
    }
    for (const uint8_t* p = data_ + bytes_; p < raw_ + total_; p++) {
      if (*p != 0xA5) return false;
    }
    return true;
  }

 private:
  int64_t bytes_;
  int guard_;
  uint8_t* raw_;
  uint8_t* data_;
  size_t total_;
};

struct Made {
  int64_t op = 0, info[3] = {0, 0, 0};
  int32_t status = 0;

  Made(const Case& c, int32_t isa) {
    std::vector<int64_t> constants;
    for (const Data& d : c.constants) constants.push_back(d.bytes.empty() ? 0 : address(d.bytes.data()));
    status = octet_op_create(c.kind, isa, address(c.attributes.data()), static_cast<int32_t>(c.attributes.size()),
                             address(constants.data()), static_cast<int32_t>(constants.size()), address(&op));
    if (status == OCTET_OK) {
      status = octet_op_shape(op, address(c.dims.data()), static_cast<int32_t>(c.dims.size()), address(info));
    }
  }
  Made(const Made&) = delete;
  Made& operator=(const Made&) = delete;
  ~Made() {
    octet_context_destroy(info[0]);
    octet_op_destroy(op);
  }
};

constexpr int64_t kWalkedBothWays = 512 << 10;

int64_t size_of(const Case& c) {
  size_t bytes = 0;
  for (const Data& d : c.inputs) bytes += d.bytes.size();
  for (const Data& d : c.constants) bytes += d.bytes.size();
  return static_cast<int64_t>(bytes);
}

// threads = 0: octet_op_run_n; otherwise a plan of one step.
bool run(const Case& c, int32_t isa, int misalign, int threads, std::vector<uint8_t>* out, std::string* why) {
  const Made made(c, isa);
  if (made.status != OCTET_OK) {
    *why = "status " + std::to_string(made.status);
    return false;
  }
  std::vector<Block*> blocks;
  std::vector<int64_t> in;
  for (const Data& d : c.inputs) {
    blocks.push_back(new Block(static_cast<int64_t>(d.bytes.size()), misalign * element(d.type), false, c.readable));
    if (!d.bytes.empty()) memcpy(blocks.back()->data(), d.bytes.data(), d.bytes.size());
    in.push_back(address(blocks.back()->data()));
  }
  Block result(made.info[2], misalign * element(c.out_type), true);
  Block scratch(made.info[1], 0, true);
  int32_t status;
  bool repeats = true;
  if (threads == 0) {
    const auto run_once = [&](Block& to) {
      return octet_op_run_n(made.info[0], address(in.data()), static_cast<int32_t>(in.size()), address(to.data()),
                            address(scratch.data()));
    };
    status = run_once(result);
    // What does not fit into a cache may be walked through the other way round by the next run.
    if (size_of(c) + made.info[2] > kWalkedBothWays) {
      Block again(made.info[2], misalign * element(c.out_type), true);
      repeats = run_once(again) == status &&
                (made.info[2] == 0 || memcmp(again.data(), result.data(), static_cast<size_t>(made.info[2])) == 0);
    }
  } else {
    std::vector<int64_t> record = {made.info[0], 0, static_cast<int64_t>(in.size())};
    for (size_t i = 0; i <= in.size(); i++) record.push_back(-1 - static_cast<int64_t>(i));
    in.push_back(address(result.data()));
    int64_t plan = 0;
    status = octet_plan_create(address(record.data()), static_cast<int32_t>(record.size()), address(&plan));
    if (status == OCTET_OK) status = octet_plan_run(plan, address(scratch.data()), address(in.data()), threads, 0);
    octet_plan_destroy(plan);
  }
  bool ok = status == OCTET_OK;
  if (!ok) *why = "run: status " + std::to_string(status);
  if (!repeats) ok = false, *why = "a second run differs";
  if (!result.guards_intact()) ok = false, *why = "wrote outside the output";
  if (!scratch.guards_intact()) ok = false, *why = "wrote outside the scratch";
  for (size_t i = 0; i < blocks.size(); i++) {
    const std::vector<uint8_t>& bytes = c.inputs[i].bytes;
    if (!bytes.empty() && memcmp(blocks[i]->data(), bytes.data(), bytes.size()) != 0)
      ok = false, *why = "changed its input";
    delete blocks[i];
  }
  out->assign(result.data(), result.data() + made.info[2]);
  return ok;
}

bool same(int type, const std::vector<uint8_t>& a, const std::vector<uint8_t>& b, std::string* why) {
  if (a.size() != b.size()) {
    *why = "output sizes differ";
    return false;
  }
  for (size_t i = 0; i < a.size(); i += static_cast<size_t>(element(type))) {
    if (memcmp(&a[i], &b[i], static_cast<size_t>(element(type))) == 0) continue;
    char text[160];
    if (type == OCTET_F32) {
      float x, y;
      memcpy(&x, &a[i], 4);
      memcpy(&y, &b[i], 4);
      if (isnan(x) && isnan(y)) continue;
      snprintf(text, sizeof text, "element %zu: %a, reference %a", i / 4, static_cast<double>(x),
               static_cast<double>(y));
    } else {
      snprintf(text, sizeof text, "byte %zu: %d, reference %d", i, a[i], b[i]);
    }
    *why = text;
    return false;
  }
  return true;
}

std::string isa_name(int32_t isa) {
  char name[32];
  return octet_isa_name(isa, address(name), sizeof name) == OCTET_OK ? name : "?";
}

}  // namespace

int64_t Data::count() const { return static_cast<int64_t>(bytes.size()) / element(type); }

int64_t bits(float value) {
  uint32_t raw;
  memcpy(&raw, &value, 4);
  return raw;
}

Data make(int type, int64_t count, Fill fill, uint64_t seed) {
  std::mt19937_64 random(seed * 77 + 1);
  Data data = {type, std::vector<uint8_t>(static_cast<size_t>(count * element(type)))};
  for (int64_t i = 0; i < count; i++) {
    if (type == OCTET_F32) {
      constexpr float kMax = std::numeric_limits<float>::max();
      constexpr float kInf = std::numeric_limits<float>::infinity();
      static const float kSpecial[] = {std::numeric_limits<float>::quiet_NaN(),
                                       kInf,
                                       -kInf,
                                       0.0f,
                                       -0.0f,
                                       1e-45f,
                                       -1e-45f,
                                       1e-39f,
                                       kMax,
                                       -kMax,
                                       0.5f,
                                       -0.5f,
                                       1.5f,
                                       2.5f,
                                       127.5f,
                                       -128.5f,
                                       3e9f,
                                       -3e9f,
                                       88.5f,
                                       -87.5f,
                                       0.625f,
                                       3.0f,
                                       -3.0f,
                                       6.0f};
      float value = 0;
      if (fill == Fill::kRandom) value = std::normal_distribution<float>(0, 40)(random);
      if (fill == Fill::kMin) value = -kMax;
      if (fill == Fill::kMax) value = kMax;
      if (fill == Fill::kExtremes) value = kSpecial[random() % (sizeof kSpecial / sizeof *kSpecial)];
      memcpy(&data.bytes[static_cast<size_t>(i) * 4], &value, 4);
    } else if (type == OCTET_S32) {
      int32_t value = 0;
      if (fill == Fill::kRandom) value = static_cast<int32_t>(random() % 200001) - 100000;
      if (fill == Fill::kMin || (fill == Fill::kExtremes && random() % 2))
        value = std::numeric_limits<int32_t>::min();
      else if (fill == Fill::kMax || fill == Fill::kExtremes)
        value = std::numeric_limits<int32_t>::max();
      memcpy(&data.bytes[static_cast<size_t>(i) * 4], &value, 4);
    } else {
      const uint8_t low = type == OCTET_U8 ? 0 : 0x80, high = type == OCTET_U8 ? 0xFF : 0x7F;
      uint8_t value = 0;
      if (fill == Fill::kRandom) value = static_cast<uint8_t>(random());
      if (fill == Fill::kMin) value = low;
      if (fill == Fill::kMax) value = high;
      if (fill == Fill::kExtremes) value = random() % 2 ? low : high;
      data.bytes[static_cast<size_t>(i)] = value;
    }
  }
  return data;
}

void expect(bool ok, const std::string& what) {
  checks++;
  if (ok) return;
  if (++failures <= 50) printf("FAILED %s\n", what.c_str());
}

std::vector<uint8_t> reference(const Case& c) {
  std::vector<uint8_t> out;
  std::string why;
  expect(run(c, 0, 0, 0, &out, &why), c.name + " on reference: " + why);
  return out;
}

void check(const Case& c, int misalign) {
  const std::vector<uint8_t> expected = reference(c);
  for (int32_t isa = 0; isa < octet_isa_count(); isa++) {
    if (octet_isa_status(isa) != 0) continue;
    for (int threads = 0; threads <= 3; threads += 3) {
      if (isa == 0 && threads == 0 && misalign == 0) continue;
      std::vector<uint8_t> out;
      std::string why;
      const bool ok = run(c, isa, misalign, threads, &out, &why) && same(c.out_type, out, expected, &why);
      expect(ok, c.name + " on " + isa_name(isa) + ", misalign " + std::to_string(misalign) +
                     (threads ? ", plan with " + std::to_string(threads) + " threads: " : ": ") + why);
    }
  }
}

bool full_sweep() { return full; }

const std::vector<int64_t>& sizes() {
  static const std::vector<int64_t> all = {1,  2,  3,  4,  5,  6,  7,  8,  9,  10,  15,  16,  17,  23,
                                           31, 32, 33, 47, 61, 63, 64, 65, 97, 127, 128, 129, 251, 509};
  return all;
}

Family::Family(const char* name, void (*enumerate)()) { families().push_back({name, enumerate}); }

}  // namespace test

// octet_native_test [family ...]
int main(int argc, char** argv) {
  static const char* const kStatus[] = {"runs", "not built for this architecture", "not in this CPU",
                                        "not saved by the operating system"};
  printf("ISAs:\n");
  for (int32_t isa = 0; isa < octet_isa_count(); isa++) {
    printf("  %-10s %s\n", test::isa_name(isa).c_str(), kStatus[octet_isa_status(isa)]);
  }
  int named = 0;
  for (int i = 1; i < argc; i++) {
    if (strcmp(argv[i], "--full") == 0) {
      test::full = true;
    } else {
      named++;
    }
  }
  for (const test::Entry& family : test::families()) {
    bool wanted = named == 0;
    for (int i = 1; i < argc; i++) wanted |= strcmp(argv[i], family.name) == 0;
    if (!wanted) continue;
    const int64_t before = test::checks, failed = test::failures;
    family.enumerate();
    printf("%-16s %8lld checks, %lld failed\n", family.name, static_cast<long long>(test::checks - before),
           static_cast<long long>(test::failures - failed));
    fflush(stdout);
    if (test::checks == before) {
      printf("FAILED %s checked nothing\n", family.name);
      test::failures++;
    }
  }
  if (test::checks == 0) {
    printf("FAILED nothing was checked\n");
    return 1;
  }
  return test::failures == 0 ? 0 : 1;
}
