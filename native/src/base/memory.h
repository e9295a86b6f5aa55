// Memory without exceptions: everything that allocates says so by returning null or false.
#ifndef OCTET_BASE_MEMORY_H_
#define OCTET_BASE_MEMORY_H_

#include <stddef.h>
#include <stdint.h>

namespace octet {

constexpr int64_t kAlignment = 64;
// Readable bytes past the end of every block, so that a kernel may load a whole vector at the tail.
constexpr int64_t kReadablePastEnd = 64;

// 64-byte aligned, kReadablePastEnd readable bytes past the end; null when there is no memory or bytes < 0.
void* allocate(int64_t bytes);
void release(void* block);

inline int64_t align_up(int64_t bytes) { return (bytes + kAlignment - 1) & ~(kAlignment - 1); }

// a * b * ... into *out; false when a factor is negative or the product overflows.
inline bool product(int64_t* out) {
  *out = 1;
  return true;
}
template <typename... Rest>
inline bool product(int64_t* out, int64_t first, Rest... rest) {
  int64_t tail;
  return first >= 0 && product(&tail, rest...) && !__builtin_mul_overflow(first, tail, out);
}

// Base of what is made with `new`: a noexcept operator new makes `new T` yield null instead of throwing.
struct Allocated {
  static void* operator new(size_t bytes) noexcept { return allocate(static_cast<int64_t>(bytes)); }
  static void operator delete(void* block) noexcept { release(block); }
};

// An owned block of plain elements.
template <typename T>
class Array {
 public:
  Array() = default;
  Array(const Array&) = delete;
  Array& operator=(const Array&) = delete;
  ~Array() { release(data_); }

  // Discards the contents; the new ones are undefined.
  bool resize(int64_t count) {
    release(data_);
    int64_t bytes = 0;
    data_ = product(&bytes, count, static_cast<int64_t>(sizeof(T))) ? static_cast<T*>(allocate(bytes)) : nullptr;
    size_ = data_ != nullptr ? count : 0;
    return data_ != nullptr;
  }
  bool assign(const T* from, int64_t count) {
    if (!resize(count)) return false;
    if (count != 0) __builtin_memcpy(data_, from, static_cast<size_t>(count) * sizeof(T));
    return true;
  }

  T* data() { return data_; }
  const T* data() const { return data_; }
  int64_t size() const { return size_; }
  T& operator[](int64_t i) { return data_[i]; }
  const T& operator[](int64_t i) const { return data_[i]; }

 private:
  T* data_ = nullptr;
  int64_t size_ = 0;
};

}  // namespace octet

#endif  // OCTET_BASE_MEMORY_H_
