#include <limits>
#include <random>

#include "harness.h"
#include "octet/octet_kinds.h"

namespace {

using namespace test;

struct Conv {
  int64_t n, h, w, cin, cout, kh, kw, sh = 1, sw = 1, top = 0, left = 0, bottom = 0, right = 0, dh = 1, dw = 1,
                                      groups = 1;
  int64_t d = 0, kd = 1, sd = 1, front = 0, back = 0, dd = 1;  // d == 0: without depth
  int64_t ud = 1, uh = 1, uw = 1;
};

std::string name_of(const char* kind, const Conv& c) {
  std::string s = kind;
  const int64_t fields[] = {c.n,   c.h,     c.w,      c.cin,   c.cout, c.kh, c.kw,     c.sh, c.sw,
                            c.top, c.left,  c.bottom, c.right, c.dh,   c.dw, c.groups, c.d,  c.kd,
                            c.sd,  c.front, c.back,   c.dd,    c.ud,   c.uh, c.uw};
  for (const int64_t f : fields) s += " " + std::to_string(f);
  return s;
}

std::vector<int64_t> geometry(const Conv& c) {
  return {c.cin, c.cout, c.kh, c.kw, c.sh, c.sw, c.top, c.left, c.bottom, c.right, c.dh, c.dw, c.groups};
}

void add_depth(const Conv& c, std::vector<int64_t>* attributes) {
  if (c.d > 0) attributes->insert(attributes->end(), {c.kd, c.sd, c.front, c.back, c.dd});
  if (c.ud * c.uh * c.uw > 1) attributes->insert(attributes->end(), {c.ud, c.uh, c.uw});
}

std::vector<int64_t> dims(const Conv& c) {
  return c.d > 0 ? std::vector<int64_t>{c.n, c.d, c.h, c.w} : std::vector<int64_t>{c.n, c.h, c.w};
}

int64_t weight_count(const Conv& c) { return c.cout * c.kd * c.kh * c.kw * (c.cin / c.groups); }

int64_t input_count(const Conv& c) { return c.n * (c.d > 0 ? c.d : 1) * c.h * c.w * c.cin; }

// How the 8-bit numbers are chosen.
struct Codes {
  int in_type, out_type, zero_point, out_zero_point, qmin, qmax;
  bool weight_zero_points, bias;
  float multiplier;  // times 0.5 .. 1.5
  Fill input, weight;
};

Case case_q8(const Conv& c, const Codes& q) {
  const int64_t weights = weight_count(c);
  std::mt19937_64 random(static_cast<uint64_t>(weights * 31 + c.h));
  std::vector<float> multiplier;
  std::vector<int32_t> zero_points, bias;
  for (int64_t i = 0; i < c.cout; i++) {
    multiplier.push_back(q.multiplier * (0.5f + static_cast<float>(random() % 1000) / 1000.0f));
    zero_points.push_back(static_cast<int32_t>(random() % 256) - 128);
    bias.push_back(static_cast<int32_t>(random() % 20001) - 10000);
  }
  Case k;
  k.name = name_of("conv_q8", c) + " zp " + std::to_string(q.zero_point) + (q.weight_zero_points ? " wzp" : "") +
           (q.in_type == OCTET_S8 ? " s8" : " u8") + " fills " + std::to_string(static_cast<int>(q.input)) +
           std::to_string(static_cast<int>(q.weight)) + " m " + std::to_string(q.multiplier);
  k.kind = OCTET_CONV_Q8;
  k.attributes = {q.in_type, q.out_type};
  for (const int64_t v : geometry(c)) k.attributes.push_back(v);
  for (const int64_t v : {q.zero_point, q.out_zero_point, q.qmin, q.qmax}) k.attributes.push_back(v);
  add_depth(c, &k.attributes);
  k.constants = {make(OCTET_S8, weights, q.weight, 5), of(OCTET_F32, multiplier),
                 q.weight_zero_points ? of(OCTET_S32, zero_points) : Data{OCTET_S32, {}},
                 q.bias ? of(OCTET_S32, bias) : Data{OCTET_S32, {}}};
  k.dims = dims(c);
  k.inputs = {make(q.in_type, input_count(c), q.input, static_cast<uint64_t>(weights))};
  k.out_type = q.out_type;
  k.readable = 64;
  return k;
}

void check_q8(const Conv& c, const Codes& q, int misalign) { check(case_q8(c, q), misalign); }

// With a residual: the specification against those of the two operators it stands for, then every ISA.
void check_residual(const Conv& c, const Codes& q, uint64_t seed) {
  Case k = case_q8(c, q);
  Case sum;
  sum.name = "sum";
  sum.kind = OCTET_ADD_Q8;
  sum.out_type = q.out_type;
  const Data codes = {q.out_type, reference(k)};
  const Data residual = make(q.out_type, codes.count(), kFills[seed % 4 == 3 ? seed % 5 : 0], seed);
  const int64_t least = q.out_type == OCTET_S8 ? -128 : 0, side = seed % 2;
  const int64_t zero_point = least + static_cast<int64_t>(seed * 37 % 256), out_zero_point = least + seed * 91 % 256;
  const int64_t lo = seed % 3 == 0 ? out_zero_point : least,
                hi = seed % 7 == 3 ? lo + (least + 255 - lo) / 2 : least + 255;
  const float scale = 0.01f * static_cast<float>(1 + seed % 9), residual_scale = 0.02f,
              inverse = seed % 13 == 5 ? 1e12f : 20;
  const std::vector<int64_t> terms[2] = {{bits(scale), q.out_zero_point}, {bits(residual_scale), zero_point}};
  sum.attributes = {q.out_type};
  for (const int64_t i : {side, 1 - side})
    sum.attributes.insert(sum.attributes.end(), terms[i].begin(), terms[i].end());
  sum.attributes.insert(sum.attributes.end(), {bits(inverse), out_zero_point, lo, hi});
  sum.dims = {codes.count()};
  sum.inputs = side == 0 ? std::vector<Data>{codes, residual} : std::vector<Data>{residual, codes};
  if (c.d == 0) {
    k.attributes.insert(k.attributes.end(), {1, 1, 0, 0, 1});
    k.dims.insert(k.dims.begin() + 1, 1);
  }
  if (c.ud * c.uh * c.uw == 1) k.attributes.insert(k.attributes.end(), {1, 1, 1});
  k.attributes.insert(k.attributes.end(),
                      {side, bits(scale), bits(residual_scale), zero_point, bits(inverse), out_zero_point, lo, hi});
  k.name += " + residual " + std::to_string(seed);
  k.inputs.push_back(residual);
  expect(reference(k) == reference(sum), k.name + ": not the sum of the two operators");
  check(k, static_cast<int>(seed % 4));
}

// A multiplier that spreads the results of k random products over the codes.
float fitting(int64_t k) {
  float root = 1;
  while (root * root < static_cast<float>(k)) root += 1;
  return 1.0f / (root * 110.0f);
}

Codes codes(uint64_t seed, int64_t k) {
  static const int kZero[] = {0, 1, 127, 128, 255};
  Codes q;
  q.in_type = seed % 3 == 1 ? OCTET_S8 : OCTET_U8;
  q.out_type = seed % 5 == 2 ? OCTET_S8 : OCTET_U8;
  q.zero_point = kZero[seed % 5] - (q.in_type == OCTET_S8 ? 128 : 0);
  q.out_zero_point = kZero[(seed / 2) % 5] - (q.out_type == OCTET_S8 ? 128 : 0);
  q.qmin = q.out_type == OCTET_S8 ? -128 : 0;
  q.qmax = q.qmin + 255;
  if (seed % 4 == 3) q.qmin = q.out_zero_point;
  if (seed % 7 == 3 && q.qmax - 50 > q.qmin) q.qmax -= 50;
  q.weight_zero_points = seed % 6 == 5;
  q.bias = seed % 8 != 7;
  q.multiplier = seed % 11 == 10 ? 3.0f : seed % 13 == 12 ? 1e30f : fitting(k);
  q.input = kFills[seed % 3 == 0 ? seed % 5 : 0];
  q.weight = kFills[seed % 3 == 0 ? (seed / 5) % 5 : 0];
  return q;
}

// Convolutions of every sort, for both number types.
const std::vector<Conv>& convolutions() {
  static std::vector<Conv> all;
  if (!all.empty()) return all;
  // pointwise, strided and padded pointwise
  all.push_back({2, 5, 7, 16, 24, 1, 1});
  all.push_back({1, 5, 7, 16, 24, 1, 1, 2, 2});
  all.push_back({1, 4, 5, 8, 70, 1, 1, 1, 1, 1, 2, 0, 1});
  all.push_back({1, 4, 5, 8, 18, 1, 1, 2, 3, 1, 1, 1, 1, 1, 1, 2});
  // 3x3 with every border, strides, dilation, asymmetric padding
  for (const int64_t cin : {1, 2, 3, 4, 5, 8, 13, 16, 17, 20, 32}) {
    for (const int64_t cout : {1, 7, 16, 33, 48, 64, 80}) {
      all.push_back({1, 6, 7, cin, cout, 3, 3, 1, 1, 1, 1, 1, 1});
      if (cout > 40) continue;
      all.push_back({2, 9, 8, cin, cout, 3, 3, 2, 2, 0, 1, 1, 0});
      all.push_back({1, 9, 11, cin, cout, 3, 3, 1, 2, 2, 1, 2, 3, 2, 2});
      all.push_back({1, 7, 6, cin, cout, 5, 5, 1, 1, 2, 2, 2, 2});
      all.push_back({1, 5, 9, cin, cout, 1, 3, 1, 1, 0, 1, 0, 1});
      all.push_back({1, 8, 4, cin, cout, 4, 2, 3, 1, 3, 1, 0, 1, 1, 2});
    }
  }
  // a few columns more than a register has lanes
  for (const int64_t cin : {8, 24, 32, 40}) {
    for (const int64_t cout : {17, 20, 24, 25}) {
      all.push_back({1, 9, 13, cin, cout, 3, 3, 1, 1, 1, 1, 1, 1});
      all.push_back({2, 9, 8, cin, cout, 3, 3, 2, 2, 0, 1, 1, 0});
      all.push_back({1, 13, 9, cin, cout, 1, 1, 2, 2});
      all.push_back({1, 5, 6, 2 * cin, 2 * cout, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 2});
    }
  }
  all.push_back({1, 23, 21, 3, 20, 7, 7, 2, 2, 3, 3, 3, 3});
  all.push_back({1, 14, 14, 64, 64, 3, 3, 1, 1, 1, 1, 1, 1});
  all.push_back({1, 7, 7, 68, 70, 3, 3, 1, 1, 1, 1, 1, 1});
  // padding larger than the input: pixels without any tap
  all.push_back({1, 2, 2, 8, 9, 3, 3, 1, 1, 4, 5, 3, 6});
  all.push_back({1, 2, 3, 3, 9, 2, 2, 1, 1, 4, 5, 3, 6});
  all.push_back({1, 0, 3, 4, 5, 3, 3, 1, 1, 2, 2, 2, 2});
  all.push_back({0, 3, 3, 4, 5, 3, 3, 1, 1, 1, 1, 1, 1});
  // groups
  for (const int64_t groups : {2, 3, 4}) {
    for (const int64_t per_in : {1, 3, 4, 6, 17}) {
      for (const int64_t per_out : {1, 4, 5, 20}) {
        all.push_back({1, 5, 6, groups * per_in, groups * per_out, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, groups});
        all.push_back({1, 5, 6, groups * per_in, groups * per_out, 1, 1, 1, 1, 0, 0, 0, 0, 1, 1, groups});
      }
    }
  }
  all.push_back({1, 8, 8, 128, 128, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 32});
  // depthwise
  for (const int64_t channels : {2, 3, 7, 8, 15, 16, 17, 31, 32, 33, 48, 63, 64, 65, 96, 129, 144}) {
    all.push_back({1, 7, 9, channels, channels, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, channels});
    all.push_back({2, 8, 7, channels, channels, 3, 3, 2, 2, 1, 1, 1, 1, 1, 1, channels});
    all.push_back({1, 9, 10, channels, channels, 5, 5, 1, 1, 2, 2, 2, 2, 1, 1, channels});
    all.push_back({1, 10, 9, channels, channels, 5, 5, 2, 2, 2, 1, 2, 1, 1, 1, channels});
    all.push_back({1, 9, 13, channels, channels, 3, 3, 1, 1, 2, 2, 2, 2, 2, 2, channels});
    all.push_back({1, 6, 5, channels, channels, 2, 4, 1, 1, 0, 2, 1, 0, 1, 1, channels});
    all.push_back({1, 1, 3, channels, channels, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, channels});
    all.push_back({1, 14, 14, channels, channels, 7, 7, 1, 1, 3, 3, 3, 3, 1, 1, channels});
    all.push_back({1, 9, 8, channels, channels, 3, 3, 2, 1, 1, 1, 1, 1, 1, 1, channels});
    all.push_back({1, 9, 8, channels, channels, 3, 3, 1, 1, 2, 1, 2, 1, 2, 1, channels});
  }
  // windows of one row
  for (const int64_t channels : {2, 16, 33, 64, 96, 130}) {
    all.push_back({2, 1, 40, channels, channels, 1, 3, 1, 1, 0, 1, 0, 1, 1, 1, channels});
    all.push_back({1, 1, 37, channels, channels, 1, 5, 1, 2, 0, 2, 0, 1, 1, 1, channels});
    all.push_back({1, 3, 29, channels, channels, 1, 5, 2, 1, 1, 0, 2, 4, 1, 2, channels});
    all.push_back({1, 1, 19, channels, channels, 1, 31, 1, 1, 0, 15, 0, 15, 1, 1, channels});
    all.push_back({1, 2, 50, channels, channels, 1, 4, 1, 3, 0, 5, 0, 6, 1, 3, channels});
    all.push_back({1, 1, 2, channels, channels, 1, 33, 1, 1, 0, 40, 0, 40, 1, 1, channels});
    all.push_back({1, 1, 3, channels, channels, 1, 2, 1, 1, 0, 9, 0, 9, 1, 1, channels});
  }
  // more than the L2 cache keeps, several images in a band's reach
  all.push_back({3, 61, 50, 96, 96, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 96});
  all.push_back({3, 61, 50, 96, 96, 3, 3, 2, 2, 1, 1, 1, 1, 1, 1, 96});
  // rows that a strip of interleaved columns does not hold, more rows than it takes at once, borders wider than the input
  for (const int64_t channels : {8, 16, 24, 40, 64}) {
    all.push_back({1, 5, 260, channels, channels, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, channels});
    all.push_back({1, 5, 263, channels, channels, 3, 3, 2, 2, 0, 0, 1, 1, 1, 1, channels});
    all.push_back({1, 6, 90, channels, channels, 5, 5, 1, 1, 2, 2, 2, 2, 1, 1, channels});
    all.push_back({1, 7, 95, channels, channels, 5, 5, 2, 2, 2, 1, 2, 2, 1, 1, channels});
    all.push_back({1, 37, 3, channels, channels, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, channels});
    all.push_back({1, 38, 3, channels, channels, 5, 5, 2, 2, 2, 2, 2, 2, 1, 1, channels});
    all.push_back({1, 2, 2, channels, channels, 3, 3, 1, 1, 4, 5, 3, 6, 1, 1, channels});
    all.push_back({1, 3, 1, channels, channels, 5, 5, 2, 2, 4, 7, 5, 6, 1, 1, channels});
  }
  // depth
  for (const int64_t cin : {1, 3, 4, 8, 17}) {
    for (const int64_t cout : {1, 16, 33, 70}) {
      all.push_back({1, 5, 6, cin, cout, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1, 4, 3, 1, 1, 1, 1});
      all.push_back({2, 7, 5, cin, cout, 3, 2, 2, 1, 0, 1, 1, 0, 1, 1, 1, 6, 2, 2, 1, 0, 1});
      all.push_back({1, 6, 7, cin, cout, 2, 3, 1, 2, 1, 1, 1, 1, 2, 1, 1, 7, 3, 1, 2, 3, 2});
      all.push_back({2, 3, 4, cin, cout, 1, 1, 1, 1, 0, 0, 0, 0, 1, 1, 1, 5, 1, 2, 1, 1, 1});
      all.push_back({2, 5, 4, cin, cout, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1, 3, 1, 1, 0, 0, 1});  // slices are images
      all.push_back({1, 5, 4, cin, cout, 1, 1, 1, 1, 0, 0, 0, 0, 1, 1, 1, 3, 3, 1, 1, 1, 1});
    }
  }
  all.push_back({1, 4, 5, 12, 20, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 4, 4, 3, 1, 1, 1, 1});
  all.push_back({1, 4, 5, 36, 36, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 36, 4, 3, 2, 1, 1, 1});  // depthwise
  all.push_back({2, 6, 7, 36, 36, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 36, 3, 1, 1, 0, 0, 1});
  all.push_back({1, 2, 2, 8, 9, 1, 1, 1, 1, 1, 0, 0, 1, 1, 1, 1, 1, 2, 1, 3, 3, 1});  // outputs without any tap
  all.push_back({1, 9, 9, 24, 40, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1, 9, 3, 1, 1, 1, 1});
  // stretched inputs: strides of transposed convolutions, kernels shorter than the stretch, dilations that share a factor
  // with it, cropped and padded borders, depth, groups, depthwise
  for (const int64_t cin : {1, 3, 8, 20}) {
    for (const int64_t cout : {1, 33}) {
      all.push_back({1, 4, 5, cin, cout, 3, 3, 1, 1, 1, 1, 2, 2, 1, 1, 1, 1, 1, 1, 0, 0, 1, 1, 2, 2});
      all.push_back({2, 3, 4, cin, cout, 4, 2, 1, 1, 0, 2, 1, 3, 1, 1, 1, 1, 1, 1, 0, 0, 1, 1, 2, 3});
      all.push_back({1, 4, 3, cin, cout, 1, 2, 1, 1, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 0, 0, 1, 1, 3, 3});
      all.push_back({1, 5, 4, cin, cout, 3, 3, 1, 1, 4, 3, 5, 4, 2, 3, 1, 1, 1, 1, 0, 0, 1, 1, 4, 3});
      all.push_back({1, 3, 4, cin, cout, 3, 2, 1, 1, 2, 1, 2, 1, 1, 1, 1, 3, 3, 1, 2, 1, 1, 2, 1, 2});
    }
  }
  all.push_back({1, 4, 5, 12, 20, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 4, 1, 1, 1, 0, 0, 1, 1, 2, 2});
  all.push_back({1, 4, 5, 36, 36, 3, 3, 1, 1, 1, 1, 2, 1, 1, 1, 36, 1, 1, 1, 0, 0, 1, 1, 2, 2});
  all.push_back({1, 0, 4, 4, 6, 3, 3, 1, 1, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1, 0, 0, 1, 1, 2, 2});
  all.push_back({1, 1, 1, 4, 6, 5, 5, 1, 1, 4, 4, 4, 4, 1, 1, 1, 1, 1, 1, 0, 0, 1, 1, 7, 7});
  return all;
}

Conv linear(int64_t m, int64_t k, int64_t n) { return {m, 1, 1, k, n, 1, 1}; }

// Every fill of both operands, with `zeros` of the five zero points in turn.
void every_fill(const Conv& c, int64_t k, int zeros, uint64_t* seed) {
  for (const Fill x : kFills) {
    for (const Fill w : kFills) {
      for (int zero = 0; zero < zeros; zero++) {
        Codes q = codes((*seed)++, k);  // which takes the zero point from seed % 5
        q.input = x;
        q.weight = w;
        check_q8(c, q, static_cast<int>(*seed % 4));
      }
    }
  }
}

void conv_q8() {
  uint64_t seed = 0;
  for (const Conv& c : convolutions()) {
    const int64_t k = c.kd * c.kh * c.kw * c.cin / c.groups;
    for (int i = 0; i < 3; i++, seed++) check_q8(c, codes(seed, k), static_cast<int>(seed % 4));
    if (full_sweep()) every_fill(c, k, 5, &seed);
  }
}

void linear_q8() {
  uint64_t seed = 0;
  for (const int64_t m : {1, 2, 3, 4, 5, 6, 7, 8, 11, 12, 13, 25, 64, 97}) {
    for (const int64_t k : {1, 3, 4, 5, 16, 31, 64, 67}) {
      for (const int64_t n : sizes()) {
        if (n > 260) continue;
        check_q8(linear(m, k, n), codes(seed, k), static_cast<int>(seed % 4));
        seed++;
        if (full_sweep()) every_fill(linear(m, k, n), k, 1, &seed);
      }
    }
  }
  for (const int64_t m : {1, 3, 4, 9, 64, 97}) {
    for (const int64_t k : {24, 32, 40, 64, 144}) {
      for (const int64_t n : {17, 20, 23, 24}) {
        check_q8(linear(m, k, n), codes(seed, k), static_cast<int>(seed % 4));
        seed++;
      }
    }
  }
  for (const int64_t k : {1023, 2048, 4608}) {  // deep: the accumulator at its bounds
    for (const Fill x : kFills) {
      for (const Fill w : kFills) {
        Codes q = codes(seed++, k);
        q.input = x;
        q.weight = w;
        check_q8(linear(7, k, 35), q, 1);
        if (k % 8 == 0) check_q8(linear(7, k, 24), q, 1);
      }
    }
  }
  // One row over more weights than a cache keeps: a plan's parts go through the panels in either direction.
  for (uint64_t i = 0; i < 8; i++) check_q8(linear(1, 2003, 500), codes(seed++, 2003), static_cast<int>(i % 4));
  check_q8(linear(5000, 5, 3), codes(1, 5), 1);  // more pixels than a batch holds
  check_q8(linear(1030, 300, 20), codes(2, 300), 3);
}

// Groups of few channels, as many out as in, around what the kernels for them take: windows of 3 columns, strides of 1 and 2.
void grouped_q8() {
  uint64_t seed = 0;
  const auto run = [&](Conv c, int64_t channels, int64_t groups) {
    c.cin = c.cout = channels * groups;
    c.groups = groups;
    for (int i = 0; i < (full_sweep() ? 40 : 2); i++, seed++) {
      check_q8(c, codes(seed, c.kh * c.kw * channels), static_cast<int>(seed % 4));
    }
  };
  for (const int64_t channels : {2, 4, 8, 12, 16, 20, 32}) {
    for (const int64_t groups : {3, 6, 8, 9, 15, 17, 32}) {
      for (const int64_t width : {1, 2, 3, 4, 5, 6, 8, 13, 14}) {
        run({1, 3, width, 0, 0, 3, 3, 1, 1, 1, 1, 1, 1}, channels, groups);
        run({1, 4, width, 0, 0, 3, 3, 2, 2, 1, 1, 1, 1}, channels, groups);
      }
      run({2, 5, 9, 0, 0, 3, 3}, channels, groups);
      run({2, 5, 8, 0, 0, 3, 3, 2, 2, 0, 0, 1, 1}, channels, groups);
      run({1, 4, 7, 0, 0, 3, 3, 1, 1, 2, 2, 2, 2}, channels, groups);
      run({1, 4, 3, 0, 0, 3, 3, 1, 2, 0, 5, 1, 4}, channels, groups);
      run({1, 1, 1, 0, 0, 3, 3, 2, 1, 1, 3, 1, 3}, channels, groups);
      run({3, 1, 21, 0, 0, 1, 3, 1, 1, 0, 1, 0, 1}, channels, groups);
      run({1, 9, 10, 0, 0, 7, 3, 1, 1, 3, 1, 3, 1}, channels, groups);
      run({1, 9, 6, 0, 0, 3, 3, 3, 1, 4, 1, 4, 1, 2, 1}, channels, groups);
      // left to the product
      run({1, 9, 6, 0, 0, 8, 3, 1, 1, 3, 1, 3, 1}, channels, groups);
      run({1, 4, 9, 0, 0, 3, 3, 1, 3, 1, 1, 1, 1}, channels, groups);
      run({1, 4, 9, 0, 0, 3, 3, 1, 1, 1, 2, 1, 2, 1, 2}, channels, groups);
      run({1, 4, 6, 0, 0, 2, 4, 1, 1, 1, 2, 0, 1}, channels, groups);
    }
  }
  run({1, 0, 5, 0, 0, 3, 3, 1, 1, 2, 1, 2, 1}, 8, 3);
  run({1, 5, 0, 0, 0, 3, 3, 1, 1, 1, 2, 1, 2}, 8, 3);
  run({1, 40, 33, 0, 0, 3, 3, 1, 1, 1, 1, 1, 1}, 4, 32);  // several bands
}

void residual() {
  uint64_t seed = 0;
  for (const Conv& c : convolutions()) {
    check_residual(c, codes(seed, c.kd * c.kh * c.kw * c.cin / c.groups), seed);
    seed++;
  }
  for (const int64_t m : {1, 2, 7, 12, 63, 64, 97}) {
    for (const int64_t k : {1, 4, 31, 67}) {
      for (const int64_t n : {1, 15, 16, 64, 65, 130}) {
        check_residual(linear(m, k, n), codes(seed, k), seed);
        seed++;
      }
    }
  }
  // several bands, in rows and in pixels
  check_residual(linear(5000, 5, 30), codes(seed, 5), seed);
  check_residual(linear(300, 64, 1030), codes(seed + 1, 64), seed + 1);
  check_residual({1, 60, 33, 4, 70, 3, 3, 1, 1, 1, 1, 1, 1}, codes(seed + 2, 36), seed + 2);
  check_residual({2, 70, 9, 97, 97, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 97}, codes(seed + 3, 9), seed + 3);
}

void check_f32(const Conv& c, Fill input, Fill weight, bool bias, float lo, float hi, int misalign) {
  const int64_t weights = weight_count(c);
  Case k;
  k.name = name_of("conv_f32", c) + " fills " + std::to_string(static_cast<int>(input)) +
           std::to_string(static_cast<int>(weight));
  k.kind = OCTET_CONV_F32;
  k.attributes = geometry(c);
  k.attributes.push_back(bits(lo));
  k.attributes.push_back(bits(hi));
  add_depth(c, &k.attributes);
  k.constants = {make(OCTET_F32, weights, weight, 5),
                 bias ? make(OCTET_F32, c.cout, Fill::kRandom, 6) : Data{OCTET_F32, {}}};
  k.dims = dims(c);
  k.inputs = {make(OCTET_F32, input_count(c), input, 7)};
  k.out_type = OCTET_F32;
  k.readable = 64;
  check(k, misalign);
}

void check_f32(const Conv& c, uint64_t seed) {
  constexpr float kInf = std::numeric_limits<float>::infinity();
  const bool clamp = seed % 3 == 1;
  check_f32(c, kFills[seed % 4 == 3 ? seed % 5 : 0], kFills[seed % 7 == 6 ? 3 : 0], seed % 5 != 4, clamp ? 0.0f : -kInf,
            clamp && seed % 2 ? 6000.0f : kInf, static_cast<int>(seed % 3));
}

void every_fill(const Conv& c, uint64_t* seed) {
  constexpr float kInf = std::numeric_limits<float>::infinity();
  for (const Fill x : kFills) {
    for (const Fill w : kFills) {
      (*seed)++;
      check_f32(c, x, w, *seed % 5 != 4, *seed % 3 ? -kInf : 0.0f, *seed % 2 ? kInf : 6000.0f,
                static_cast<int>(*seed % 4));
    }
  }
}

void conv_f32() {
  uint64_t seed = 0;
  for (const Conv& c : convolutions()) {
    check_f32(c, seed++);
    if (full_sweep()) every_fill(c, &seed);
  }
}

void linear_f32() {
  uint64_t seed = 0;
  for (const int64_t m : {1, 2, 3, 5, 6, 7, 12, 13, 97}) {
    for (const int64_t k : {1, 2, 3, 17, 64}) {
      for (const int64_t n : sizes()) {
        if (n >= 260) continue;
        check_f32(linear(m, k, n), seed++);
        if (full_sweep()) every_fill(linear(m, k, n), &seed);
      }
    }
  }
  for (const int64_t k : {511, 512, 513, 1024, 1500}) {  // around the blocks of K
    check_f32(linear(200, k, 70), seed++);
    check_f32(linear(13, k, 17), seed++);
  }
  check_f32({1, 7, 7, 70, 40, 3, 3, 1, 1, 1, 1, 1, 1}, seed++);
  check_f32({1, 15, 15, 130, 33, 3, 3, 1, 1, 1, 1, 1, 1}, seed++);
}

void check_dynamic(int64_t m, int64_t k, int64_t n, uint64_t seed, Fill input) {
  constexpr float kInf = std::numeric_limits<float>::infinity();
  std::mt19937_64 random(seed);
  std::vector<float> scale;
  std::vector<int32_t> zero_points;
  for (int64_t i = 0; i < n; i++) {
    scale.push_back(0.001f * static_cast<float>(1 + random() % 20));
    zero_points.push_back(static_cast<int32_t>(random() % 256) - 128);
  }
  Case c;
  c.name = "linear_dynamic " + std::to_string(m) + " " + std::to_string(k) + " " + std::to_string(n) + " seed " +
           std::to_string(seed) + " fill " + std::to_string(static_cast<int>(input));
  c.kind = OCTET_LINEAR_DYNAMIC_Q8;
  c.attributes = {
      k, n, seed % 3 == 2, seed % 2 != 0, bits(seed % 5 == 4 ? 0.0f : -kInf), bits(seed % 10 == 9 ? 6.0f : kInf)};
  c.constants = {make(OCTET_S8, n * k, kFills[seed % 9 == 8 ? 3 : 0], 3), of(OCTET_F32, scale),
                 seed % 4 == 3 ? of(OCTET_S32, zero_points) : Data{OCTET_S32, {}},
                 seed % 6 != 5 ? make(OCTET_F32, n, Fill::kRandom, 4) : Data{OCTET_F32, {}}};
  c.dims = {m};
  c.inputs = {make(OCTET_F32, m * k, input, seed)};
  c.out_type = OCTET_F32;
  c.readable = 64;
  check(c, static_cast<int>(seed % 3));
}

void linear_dynamic() {
  uint64_t seed = 0;
  for (const int64_t m : {0, 1, 2, 5, 6, 7, 13, 70}) {
    for (const int64_t k : {1, 3, 4, 17, 64, 129}) {
      for (const int64_t n : {1, 7, 15, 16, 17, 31, 33, 48, 50, 64, 65, 80, 97, 130})
        for (const Fill fill : kFills) {
          if (fill == Fill::kRandom || full_sweep()) check_dynamic(m, k, n, seed++, fill);
        }
    }
  }
  for (const Fill fill : kFills) {
    for (int i = 0; i < 12; i++) check_dynamic(9, 37, 21, seed++, fill);
  }
  for (int i = 0; i < 12; i++) check_dynamic(1, 2003, 500, seed++, Fill::kRandom);  // as in linear_q8
  check_dynamic(150, 2500, 5, seed++, Fill::kRandom);
}

// The specification itself, against numbers worked out by hand.
void by_hand() {
  constexpr float kInf = std::numeric_limits<float>::infinity();
  const auto u8 = [](std::vector<uint8_t> v) { return of(OCTET_U8, v); };
  const auto s8 = [](std::vector<int8_t> v) { return of(OCTET_S8, v); };
  const auto f32 = [](std::vector<float> v) { return of(OCTET_F32, v); };
  const auto s32 = [](std::vector<int32_t> v) { return of(OCTET_S32, v); };
  const auto gives = [](const Case& c, const Data& expected) {
    expect(reference(c) == expected.bytes, c.name + ": another result than worked out by hand");
    check(c);
  };
  const std::vector<int64_t> linear21 = {0, 0, 2, 1, 1, 1, 1, 1, 0, 0, 0, 0, 1, 1, 1, 128, 10, 0, 255};
  // (130 - 128) * 3 - (129 - 128) = 5; 2.5 is a tie and goes to 2; -118 * 3 leaves the codes below, 127 * 3 above
  gives({"ties go to even, codes are clamped",
         OCTET_CONV_Q8,
         linear21,
         {s8({3, -1}), f32({0.5f}), {OCTET_S32, {}}, {OCTET_S32, {}}},
         {3, 1, 1},
         {u8({130, 129, 10, 128, 255, 0})},
         OCTET_U8,
         64},
        u8({12, 0, 255}));
  // the same with weight zero point 1 and bias 4: 2 * 2 - 2 + 4 = 6
  gives({"weight zero point and bias",
         OCTET_CONV_Q8,
         linear21,
         {s8({3, -1}), f32({0.5f}), s32({1}), s32({4})},
         {1, 1, 1},
         {u8({130, 129})},
         OCTET_U8,
         64},
        u8({13}));
  // padding is real 0, whatever the zero point: every window of the 2x2 image holds 1 + 2 + 3 + 4
  gives({"padding is zero",
         OCTET_CONV_Q8,
         {1, 0, 1, 1, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1, 100, 0, 0, 255},
         {s8({1, 1, 1, 1, 1, 1, 1, 1, 1}), f32({1}), {OCTET_S32, {}}, {OCTET_S32, {}}},
         {1, 2, 2},
         {s8({101, 102, 103, 104})},
         OCTET_U8,
         64},
        u8({10, 10, 10, 10}));
  // (1 + 2^-13)(1 - 2^-13) - 1 = -2^-26, which only a fused multiply-add keeps
  gives({"float sums are fused",
         OCTET_CONV_F32,
         {2, 1, 1, 1, 1, 1, 0, 0, 0, 0, 1, 1, 1, bits(-kInf), bits(kInf)},
         {f32({1, 1 - 0x1p-13f}), {OCTET_F32, {}}},
         {1, 1, 1},
         {f32({-1, 1 + 0x1p-13f})},
         OCTET_F32,
         64},
        f32({-0x1p-26f}));
  // range 0..255: scale 1, zero point 0; 255 * 2 * 0.5 + 1
  gives({"dynamic",
         OCTET_LINEAR_DYNAMIC_Q8,
         {2, 1, 0, 0, bits(-kInf), bits(kInf)},
         {s8({1, 2}), f32({0.5f}), {OCTET_S32, {}}, f32({1})},
         {1},
         {f32({0, 255})},
         OCTET_F32,
         64},
        f32({256}));
}

void weight_grad() {
  const auto run = [](const Conv& c, Fill fill, int misalign) {
    const int64_t oh = (c.h + c.top + c.bottom - c.dh * (c.kh - 1) - 1) / c.sh + 1;
    const int64_t ow = (c.w + c.left + c.right - c.dw * (c.kw - 1) - 1) / c.sw + 1;
    Case k;
    k.name = name_of("conv_weight_grad", c);
    k.kind = OCTET_CONV_WEIGHT_GRAD;
    k.attributes = geometry(c);
    k.dims = dims(c);
    k.inputs = {make(OCTET_F32, input_count(c), fill, 7), make(OCTET_F32, c.n * oh * ow * c.cout, Fill::kRandom, 8)};
    k.out_type = OCTET_F32;
    check(k, misalign);
  };
  for (const int64_t o : {1, 2, 3, 7, 8, 9, 15, 16, 17, 33, 40}) {
    for (const int64_t i : {1, 3, 4, 5, 8, 16, 17, 24, 31, 32, 33, 49}) {
      run({9, 3, 4, i, o, 1, 1}, Fill::kRandom, static_cast<int>(o % 3));
      run({2, 5, 6, i, o, 3, 3, 1, 2, 1, 1, 1, 0}, o % 2 ? Fill::kRandom : Fill::kExtremes, 1);
    }
  }
  for (const int64_t c : {2, 3, 4, 5, 8, 15, 16, 17, 32, 64, 65, 70}) {
    for (const int64_t stride : {1, 2}) {
      Conv d = {3, 7, 6, c, c, 3, 3, stride, stride, 1, 1, 1, 1};
      d.groups = c;
      run(d, Fill::kRandom, static_cast<int>(c % 3));
    }
    Conv grouped = {2, 4, 4, 2 * c, 6, 3, 2, 1, 1, 2, 0, 1, 1, 1, 2};
    grouped.groups = 2;
    run(grouped, Fill::kRandom, 0);
  }
  run({0, 3, 3, 4, 4, 1, 1}, Fill::kRandom, 0);
  run({20, 1, 1, 4, 40, 3, 3, 1, 1, 1, 1, 1, 1}, Fill::kRandom, 0);  // most taps see padding only
}

const Family weight_grad_family("weight_grad", weight_grad);
const Family families[] = {{"products_by_hand", by_hand}, {"conv_q8", conv_q8},
                           {"grouped_q8", grouped_q8},    {"linear_q8", linear_q8},
                           {"residual", residual},        {"conv_f32", conv_f32},
                           {"linear_f32", linear_f32},    {"linear_dynamic", linear_dynamic}};

}  // namespace
