// Operator kinds and their attribute slots: one row an operator, mirrored by org.octet.backend.OpKind.
//
// Every attribute is one int64 slot, in the order given. "f" marks a float32 whose raw bits stand in the low 32 bits.
// Types: T_U8 = 0, T_S8 = 1, T_F32 = 2, T_S32 = 3. Activations are dense and channels-last: [N][H][W][C].
// Weights arrive as [Cout][KH][KW][Cin/G] (row-major), the order (ky, kx, c) of the accumulation.
// With depth they are [N][D][H][W][C] and [Cout][KD][KH][KW][Cin/G], and the order is (kz, ky, kx, c).
// [lo, hi] clamps are `x < lo ? lo : x` then `x > hi ? hi : x` (NaN passes), -inf / +inf when there is no activation.
#ifndef OCTET_KINDS_H_
#define OCTET_KINDS_H_

enum octet_type { OCTET_U8 = 0, OCTET_S8 = 1, OCTET_F32 = 2, OCTET_S32 = 3 };

enum octet_kind {
  // u8|s8 x s8 -> u8|s8 convolution; a linear layer is the 1x1 case with dims {M, 1, 1}.
  //  0 in_type 1 out_type 2 Cin 3 Cout 4 KH 5 KW 6 SH 7 SW 8 pad_top 9 pad_left 10 pad_bottom 11 pad_right 12 DH 13 DW
  //  14 groups 15 in_zero_point 16 out_zero_point 17 qmin 18 qmax   (qmin/qmax: final code bounds, relu included)
  //  19 KD 20 SD 21 pad_front 22 pad_back 23 DD   (all five or none; none is 1 1 0 0 1)
  //  24 UD 25 UH 26 UW   (all three, behind those five, or none; none is 1 1 1): the input is stretched, from one value to the
  //  next it is U places, and those between hold nothing, as padding; strides are 1 then. Transposed convolution of stride U
  //  with mirrored weights.
  //  27 side 28 scale(f) 29 residual_scale(f) 30 residual_zero_point 31 inv_sum_scale(f) 32 sum_zero_point 33 sum_qmin
  //  34 sum_qmax   (all eight, behind all of those, or none): what ADD_Q8 makes of q, whose scale is 28, and of a residual
  //  of out_type and the output's shape, in1. side 0: q is the sum's first term; 1: its second. out may be the residual's
  //  own memory, as long as that is not the input as well.
  //  constants: weight s8, multiplier f32[Cout], weight_zero_point s32[Cout] | 0, bias s32[Cout] | 0
  //  dims: N H W, or N D H W -> out [N][OD][OH][OW][Cout]. Padded taps contribute nothing (real 0).
  //  acc = sum (x - in_zp) * (w - w_zp[c]) + bias[c]  mod 2^32;  q = clamp(out_zp + rint((float)acc * multiplier[c]))
  OCTET_CONV_Q8 = 1,
  // f32 convolution / linear in the fixed order.
  //  0 Cin 1 Cout 2 KH 3 KW 4 SH 5 SW 6 pad_top 7 pad_left 8 pad_bottom 9 pad_right 10 DH 11 DW 12 groups 13 lo(f) 14 hi(f)
  //  15 KD 16 SD 17 pad_front 18 pad_back 19 DD   (all five or none)   20 UD 21 UH 22 UW   (all three or none)
  //  constants: weight f32, bias f32[Cout] | 0;  dims: N H W, or N D H W
  //  acc = +0; acc = fma(x, w, acc) over (kz, ky, kx, c), padded taps skipped; + bias (one add, only if present); clamp
  OCTET_CONV_F32 = 2,
  // f32 in, int8 weights, f32 out: min/max, qparams, quantize, product, dequantize, bias, activation.
  //  0 K 1 N 2 reduce_range 3 per_row 4 lo(f) 5 hi(f)
  //  constants: weight s8 [N][K], weight_scale f32[N], weight_zero_point s32[N] | 0, bias f32[N] | 0;  dims: M
  //  qparams: "kernel rule" (see native/README.md), u8 0..255 (0..127 with reduce_range);
  //  y = (float)acc * (x_scale * weight_scale[n]); y = y + bias[n] (if present); clamp
  OCTET_LINEAR_DYNAMIC_Q8 = 3,
  // f32 -> u8|s8.  0 out_type 1 inv_scale(f) 2 zero_point 3 qmin 4 qmax 5 divide (0: x * inv_scale, 1: x / scale) 6 scale(f)
  //  7 to_channels_last (1: input is [N][C][S], output [N][S][C]);  dims: N C S (count = N*C*S)
  OCTET_QUANTIZE = 4,
  // u8|s8 -> f32.  0 in_type 1 scale(f) 2 zero_point 3 to_channels_first (1: [N][S][C] -> [N][C][S]);  dims: N C S
  OCTET_DEQUANTIZE = 5,
  // 0 type 1 scale_a(f) 2 zp_a 3 scale_b(f) 4 zp_b 5 inv_out_scale(f) 6 zp_out 7 qmin 8 qmax;  dims: count
  //  t = (qa-za)*sa + (qb-zb)*sb (two products, one sum, each rounded); then quantize with inv_out_scale
  OCTET_ADD_Q8 = 6,
  // 0 type 1 zp_a 2 zp_b 3 multiplier(f) 4 zp_out 5 qmin 6 qmax;  dims: count
  //  q = clamp(zp_out + rint((float)((qa-za)*(qb-zb)) * multiplier))
  OCTET_MUL_Q8 = 7,
  // no attributes; constants: table u8[256], indexed by the code's byte;  dims: count
  OCTET_LUT_Q8 = 8,
  // 0 type (u8 s8 f32) 1 C 2 KH 3 KW 4 SH 5 SW 6 pad_top 7 pad_left 8 DH 9 DW;  dims: N H W OH OW. Padding never wins; a window without
  //  any tap gives the type's smallest value.
  //  f32: acc = -inf; acc = x > acc || x != x ? x : acc, in (ky, kx) order (NaN is the result once seen)
  OCTET_MAXPOOL = 9,
  // 0 type 1 C 2 KH 3 KW 4 SH 5 SW 6 pad_top 7 pad_left 8 pad_bottom 9 pad_right 10 count_include_pad 11 divisor (0: none)
  //  12 zero_point 13 qmin 14 qmax 15 rounding (0: before the zero point, 1: after it);  dims: N H W OH OW
  //  n as in PyTorch (window clipped to the padded input when count_include_pad, to the input otherwise; divisor overrides)
  //  q8: t = (float)(sum - valid*zp) * (1f/n); rounding 0: zp + rint(t), 1: rint(t + (float)zp); clamped;  f32: acc=+0, adds in (ky,kx) order, / (float)n
  //  a window without any tap gives real 0
  OCTET_AVGPOOL = 10,
  // 0 type 1 C 2 zero_point 3 qmin 4 qmax 5 rounding;  dims: N H W OH OW; window [floor(o*H/OH), ceil((o+1)*H/OH));
  //  numbers as AVGPOOL
  OCTET_ADAPTIVE_AVGPOOL = 11,
  // Joins inputs i of [outer][inner_i] to [outer][sum inner].  0 type 1 n 2 inv_out_scale(f) 3 zp_out 4 qmin 5 qmax,
  //  then per input: scale(f), zp, same (1: codes are copied, then clamped);  dims: outer inner_0 ... inner_{n-1}
  //  f32: copied, no clamp
  OCTET_CONCAT = 12,
  // 0 function (octet_unary) 1 lo(f) 2 hi(f) 3 alpha(f) 4 beta(f);  dims: count.  y = clamp(function(x))
  OCTET_UNARY_F32 = 13,
  // 0 function (0 add, 1 mul) 1 lo(f) 2 hi(f);  dims: count
  OCTET_BINARY_F32 = 14,
  // y = x * alpha[c] + beta[c] (product rounded, then sum), clamp.  0 C 1 lo(f) 2 hi(f); constants alpha, beta f32[C]; dims: rows
  OCTET_AFFINE_F32 = 15,
  // Batched transpose [N][R][S] -> [N][S][R].  0 element bytes (1, 4, or more: whole vectors are moved);  dims: N R S
  OCTET_TRANSPOSE = 16,
  // Minimum and maximum.  0 per_channel;  dims: outer C inner (C = 1 per tensor) -> out f32[C][3] = {min, max, 1 if any NaN}
  //  NaNs are ignored in min and max (+inf / -inf where nothing else is left; empty input as well); -0 counts as +0 (result +0)
  OCTET_MINMAX_F32 = 17,
  // Histogram as torch.histc.  0 bins;  in1: f32[2] = {lo, hi}; dims: count -> out s32[bins]
  //  skipped unless lo <= x <= hi; bin = (int)((x - lo) / (hi - lo) * bins) in float32, bins when equal to bins -> bins - 1;
  //  a position that is NaN (hi - lo is 0 or overflows) counts nowhere
  OCTET_HISTOGRAM_F32 = 18,
  // f32 -> f32 rounded to what codes can represent, parameters chosen from the values in the same pass (training).
  //  0 quant_min 1 quant_max (at most 2^16 codes, both within +-2^16) 2 observe (0 no, 1 moving average, 2 running
  //  minimum and maximum) 3 averaging constant c(f) 4 rule (0 parameters as given, 1 the observers' rule, 2 the rule of
  //  dynamic quantization) 5 symmetric 6 zero point of rule 1 where symmetric 7 eps(f), the least scale of rule 1
  //  in1: state f32[C][4] = {min, max, scale, zero_point} (+inf, -inf: nothing seen);  dims: outer C inner (C = 1 per tensor)
  //  out: y f32[outer][C][inner], then the new state f32[C][4]
  //  observe: lo, hi as MINMAX_F32. Any NaN: min = max = NaN. Nothing in x: min, max stay. Nothing seen before: min = lo,
  //    max = hi. Else min = min + c * (lo - min), each step rounded, or the smaller of both; max alike.
  //  rules: "observer rule" and "kernel rule" of native/README.md (2: symmetric where min < 0 < max)
  //  y = (float)rint(clamp(x * (1/scale), quant_min - z, quant_max - z)) * scale, NaN as for a code; z the zero point,
  //    clamped to the codes (NaN: quant_min)
  OCTET_FAKE_QUANTIZE = 19,
  // The straight-through gradient of FAKE_QUANTIZE.  0 quant_min 1 quant_max;  in0: x, in1: gradient of y, in2: state, as the
  //  new one there;  dims as there -> dx: the gradient where quant_min - z <= rint(x * (1/scale)) <= quant_max - z, else +0
  OCTET_FAKE_QUANTIZE_GRAD = 20,
  // Softmax of each row.  0 type (u8 s8 f32) 1 n;  codes: 2 scale(f) 3 inv_out_scale(f) 4 zp_out 5 qmin 6 qmax;  dims: rows
  //  m = the largest element, NaN ignored;  t = x - m, for codes (float)(q - m) * scale;  e = t < -87.33654f ? 0 : exp(t)
  //  y = e * (1f / sum of the row's e), sum as in "sums of 16 lanes" (native/README.md);  codes: quantize(y) by inv_out_scale
  OCTET_SOFTMAX = 21,
  // Layer, group and instance norm: each image's channels in `groups` equal parts, normalised by their mean and variance.
  //  0 type (u8 s8 f32) 1 C 2 groups;  f32: 3 eps(f) 4 lo(f) 5 hi(f);  codes: 3 eps(f) 6 scale(f) 7 zp_in 8 zp_out 9 qmin 10 qmax
  //  constants: gamma, beta f32[C] | 0 (then 1 and 0; codes: given in units of the result's scale);  dims: N S, [N][S][C]
  //  f32, over the n = S * C / groups elements of a part: mean = sum x / (float)n;  var = sum fma(d, d, acc) / (float)n with
  //   d = x - mean, both sums of 16 lanes, lane = channel within the part % 16;  rstd = 1f / sqrt(var + eps)
  //   y = clamp((x - mean) * rstd * gamma[c] + beta[c]), every step rounded
  //  C <= 2^24; codes, n <= 2^22: with the exact integers s1 = sum (q - zp_in) and s2 = sum (q - zp_in)^2, in double
  //   mean = (float)(s1 / n);  rstd = (float)(scale / sqrt((n * s2 - s1 * s1) / (n * n) * scale * scale + eps))
  //   then y as above from (float)(q - zp_in), and to_code(y)
  OCTET_GROUP_NORM = 22,
  // A batch norm of codes.  0 type 1 C 2 zp_in 3 zp_out 4 qmin 5 qmax; constants alpha, beta f32[C]; dims: rows
  //  q = clamp(zp_out + rint((float)(x - zp_in) * alpha[c] + beta[c])), product and sum rounded
  OCTET_AFFINE_Q8 = 23,
  // Products of two activations, matrix by matrix: [B][M][K] by [B][K][N], or by [B][N][K] where transposed, give [B][M][N].
  //  0 transpose_b 1 lo(f) 2 hi(f);  dims: B M K N, K >= 1
  //  acc = +0; acc = fma(a, b, acc) over k; clamp
  OCTET_MATMUL_F32 = 24,
  // 0 transpose_b 1 a_type 2 b_type 3 out_type (u8 s8 f32) 4 zp_a 5 zp_b 6 multiplier(f) 7 zp_out 8 qmin 9 qmax;  dims: as there
  //  acc = sum (a - zp_a) * (b - zp_b) mod 2^32;  t = (float)acc * multiplier;  f32: t;  codes: clamp(zp_out + rint(t))
  OCTET_MATMUL_Q8 = 25,
  // The gradient of CONV_F32's weight (training).  0-12 as there, without depth;  in0: x [N][H][W][Cin], in1: gradient of y
  //  [N][OH][OW][Cout];  dims: N H W -> f32 [Cout][KH][KW][Cin/G]
  //  acc = +0; acc = fma(g, x, acc) over (n, oy, ox), taps outside of the image skipped. One thread: cut the images.
  OCTET_CONV_WEIGHT_GRAD = 26,
  // f32 linear layer over weights of 8 or 4 bits, a scale for each `group` neighbours along K; for few rows.
  //  0 K 1 N 2 bits (8 or 4) 3 group (divides K; even for 4 bits) 4 lo(f) 5 hi(f)
  //  constants: weight s8 [N][K] (-8..7 for 4 bits), scale f32 [N][K / group], bias f32[N] | 0;  dims: M
  //  y = +0;  for each group: p = +0, p = fma(x, (float)w, p) over its k in order, y = fma(p, scale, y);
  //  + bias (one add, only if present); clamp
  OCTET_LINEAR_WEIGHT_ONLY = 27,
};

// Functions of OCTET_UNARY_F32. exp, tanh and so on are the contract's own polynomials (kernels/scalar.h). NaN gives NaN.
enum octet_unary {
  OCTET_CLAMP = 0,
  OCTET_HARDSWISH = 1,
  OCTET_SIGMOID = 2,
  OCTET_TANH = 3,
  OCTET_HARDSIGMOID = 4,
  OCTET_GELU = 5,        // x * Phi(x)
  OCTET_GELU_TANH = 6,   // the approximation by a hyperbolic tangent, as x * sigmoid
  OCTET_ELU = 7,         // x > 0 ? x : alpha * expm1(x * beta)
  OCTET_LEAKY_RELU = 8,  // x > 0 ? x : x * alpha
  OCTET_THRESHOLD = 9,   // x > alpha or NaN ? x : beta
};

#endif  // OCTET_KINDS_H_
