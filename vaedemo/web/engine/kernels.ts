/**
 * The arithmetic of decoders and encoders in the browser: AssemblyScript, WebAssembly SIMD, one picture at a time.
 *
 * Pictures are float32, pixel by pixel (height, width, channels), channels rounded up to a multiple of 8, with a border
 * of one zero pixel. The border makes convolutions copy-free: the three neighbours of a row lie side by side in memory,
 * so a 3x3 window is 3 contiguous runs of 3 * channels numbers, and needs no im2col. A transposed convolution 4x4,
 * stride 2, padding 1 is four ordinary 2x2 convolutions, one for each parity of (row, column) of its output; each is
 * 2 runs of 2 * channels numbers, and no sum has to be scattered. A convolution of stride 2 begins its windows two rows
 * and two pixels apart.
 *
 * Weights come packed in panels of 8 outputs, (outputs / 8, inputs, 8), so that the innermost loop reads them in order.
 * Pointers, pitches and steps count bytes; all other sizes count numbers.
 *
 * After a change: `npm ci && npm run build` in the repository's root, and commit web/engine/kernels*.wasm with it.
 */

/** Address of pixel `p` (row by row) in a picture of rows `pitch` apart and pixels `step` apart. */
// @ts-ignore: decorator
@inline
function at(base: usize, p: i32, width: i32, pitch: i32, step: i32): usize {
  const row = p / width;
  return base + row * pitch + (p - row * width) * step;
}

/** What follows a layer, `relu`: 0 is nothing, 1 a ReLU, 6 a ReLU that ends at 6 (convolutions alone have it). */
// @ts-ignore: decorator
@inline
function floorOf(relu: i32): v128 {
  return f32x4.splat(relu ? 0 : -Infinity);
}

// @ts-ignore: decorator
@inline
function ceilingOf(relu: i32): v128 {
  return f32x4.splat(relu == 6 ? 6 : Infinity);
}

// @ts-ignore: decorator
@inline
function clamped(x: v128, floor: v128, ceiling: v128): v128 {
  return f32x4.min(f32x4.max(x, floor), ceiling);
}

/** sum + x * w: one input, four of its weights; in kernels-fused.wasm as one instruction, rounded once or twice. */
// @ts-ignore: decorator
@inline
function madd(sum: v128, x: v128, w: v128): v128 {
  return ASC_FEATURE_RELAXED_SIMD ? f32x4.relaxed_madd(x, w, sum) : f32x4.add(sum, f32x4.mul(x, w));
}

/** Linear layer for one vector: y (outputs) = x (inputs) * weight + bias. Outputs: a multiple of 8. */
export function linear(
  inputs: i32, outputs: i32, x: usize, weight: usize, bias: usize, y: usize, relu: i32,
): void {
  const floor = floorOf(relu);
  const panel: usize = inputs << 5;
  const end = x + (inputs << 2);
  let n = 0;
  // Four panels at once: eight independent sums hide the latency of an addition.
  for (; n + 32 <= outputs; n += 32) {
    let w0 = weight, w1 = w0 + panel, w2 = w1 + panel, w3 = w2 + panel;
    let a0 = v128.load(bias), a1 = v128.load(bias, 16), b0 = v128.load(bias, 32), b1 = v128.load(bias, 48);
    let c0 = v128.load(bias, 64), c1 = v128.load(bias, 80), d0 = v128.load(bias, 96), d1 = v128.load(bias, 112);
    for (let p = x; p < end; p += 4) {
      const v = v128.load32_splat(p);
      a0 = madd(a0, v, v128.load(w0)); a1 = madd(a1, v, v128.load(w0, 16)); w0 += 32;
      b0 = madd(b0, v, v128.load(w1)); b1 = madd(b1, v, v128.load(w1, 16)); w1 += 32;
      c0 = madd(c0, v, v128.load(w2)); c1 = madd(c1, v, v128.load(w2, 16)); w2 += 32;
      d0 = madd(d0, v, v128.load(w3)); d1 = madd(d1, v, v128.load(w3, 16)); w3 += 32;
    }
    v128.store(y, f32x4.max(a0, floor)); v128.store(y, f32x4.max(a1, floor), 16);
    v128.store(y, f32x4.max(b0, floor), 32); v128.store(y, f32x4.max(b1, floor), 48);
    v128.store(y, f32x4.max(c0, floor), 64); v128.store(y, f32x4.max(c1, floor), 80);
    v128.store(y, f32x4.max(d0, floor), 96); v128.store(y, f32x4.max(d1, floor), 112);
    weight += panel << 2; bias += 128; y += 128;
  }
  for (; n < outputs; n += 8) {
    let w = weight, a0 = v128.load(bias), a1 = v128.load(bias, 16);
    for (let p = x; p < end; p += 4, w += 32) {
      const v = v128.load32_splat(p);
      a0 = madd(a0, v, v128.load(w)); a1 = madd(a1, v, v128.load(w, 16));
    }
    v128.store(y, f32x4.max(a0, floor)); v128.store(y, f32x4.max(a1, floor), 16);
    weight += panel; bias += 32; y += 32;
  }
}

/**
 * Convolution of a window of `rows` runs, each of `run` numbers; one matrix product with a register block of 4 pixels
 * by 8 outputs, bias and ReLU included. Windows begin `xFall` (a row of them) and `xStep` apart, their runs are `xPitch`
 * apart; output advances by its own pitch and step: that is how a transposed convolution writes every other pixel.
 * `height` and `width` count output pixels of this call.
 */
export function conv(
  height: i32, width: i32, rows: i32, run: i32, x: usize, xPitch: i32, xFall: i32, xStep: i32,
  outputs: i32, weight: usize, bias: usize, y: usize, yPitch: i32, yStep: i32, relu: i32,
): void {
  const floor = floorOf(relu), ceiling = ceilingOf(relu);
  const last = height * width - 1;
  const runBytes: usize = run << 2;
  for (let n = 0; n < outputs; n += 8) {
    const low = v128.load(bias), high = v128.load(bias, 16);
    for (let p = 0; p <= last; p += 4) {
      // Beyond the last pixel the last one is computed again: cheaper than code for a remainder.
      const p1 = min(p + 1, last), p2 = min(p + 2, last), p3 = min(p + 3, last);
      let x0 = at(x, p, width, xFall, xStep), x1 = at(x, p1, width, xFall, xStep);
      let x2 = at(x, p2, width, xFall, xStep), x3 = at(x, p3, width, xFall, xStep);
      let a0 = low, a1 = high, b0 = low, b1 = high, c0 = low, c1 = high, d0 = low, d1 = high;
      let w = weight;
      for (let r = 0; r < rows; r++) {
        for (let k: usize = 0; k < runBytes; k += 4) {
          const w0 = v128.load(w), w1 = v128.load(w, 16);
          let v = v128.load32_splat(x0 + k);
          a0 = madd(a0, v, w0); a1 = madd(a1, v, w1);
          v = v128.load32_splat(x1 + k);
          b0 = madd(b0, v, w0); b1 = madd(b1, v, w1);
          v = v128.load32_splat(x2 + k);
          c0 = madd(c0, v, w0); c1 = madd(c1, v, w1);
          v = v128.load32_splat(x3 + k);
          d0 = madd(d0, v, w0); d1 = madd(d1, v, w1);
          w += 32;
        }
        x0 += xPitch; x1 += xPitch; x2 += xPitch; x3 += xPitch;
      }
      const y0 = at(y, p, width, yPitch, yStep), y1 = at(y, p1, width, yPitch, yStep);
      const y2 = at(y, p2, width, yPitch, yStep), y3 = at(y, p3, width, yPitch, yStep);
      v128.store(y0, clamped(a0, floor, ceiling)); v128.store(y0, clamped(a1, floor, ceiling), 16);
      v128.store(y1, clamped(b0, floor, ceiling)); v128.store(y1, clamped(b1, floor, ceiling), 16);
      v128.store(y2, clamped(c0, floor, ceiling)); v128.store(y2, clamped(c1, floor, ceiling), 16);
      v128.store(y3, clamped(d0, floor, ceiling)); v128.store(y3, clamped(d1, floor, ceiling), 16);
    }
    weight += rows * run * 32; bias += 32; y += 32;
  }
}

/**
 * Depthwise convolution, a window of `size` x `size` for each channel on its own: weight (size * size, channels). Windows
 * begin `xFall` (a row of them) and `xStep` apart, their rows are `xPitch` apart; a pixel of the output takes the room
 * of its channels, a multiple of 8, as one of the input does.
 */
export function depthwise(
  height: i32, width: i32, size: i32, channels: i32, x: usize, xPitch: i32, xFall: i32, xStep: i32,
  weight: usize, bias: usize, y: usize, yPitch: i32, relu: i32,
): void {
  const floor = floorOf(relu), ceiling = ceilingOf(relu);
  const room: usize = channels << 2;
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const window = x + row * xFall + column * xStep;
      const pixel = y + row * yPitch + column * room;
      for (let c: usize = 0; c < room; c += 32) {
        let a = v128.load(bias + c), b = v128.load(bias + c, 16);
        let w = weight + c;
        for (let i = 0; i < size; i++) {
          let from = window + i * xPitch + c;
          for (let j = 0; j < size; j++) {
            a = madd(a, v128.load(from), v128.load(w));
            b = madd(b, v128.load(from, 16), v128.load(w, 16));
            from += room; w += room;
          }
        }
        v128.store(pixel + c, clamped(a, floor, ceiling));
        v128.store(pixel + c, clamped(b, floor, ceiling), 16);
      }
    }
  }
}

/** y += x, then ReLU: `count` numbers, a multiple of 4, of two pictures with the same border. */
export function add(count: i32, x: usize, y: usize, relu: i32): void {
  const floor = floorOf(relu);
  for (const end = y + (count << 2); y < end; x += 16, y += 16)
    v128.store(y, f32x4.max(f32x4.add(v128.load(x), v128.load(y)), floor));
}

/** exp(x) of four numbers, relative error below 1e-6 for |x| <= 87: 2^k * 2^f with |f| <= 1/2, by its Taylor series. */
// @ts-ignore: decorator
@inline
function exp4(x: v128): v128 {
  const t = f32x4.mul(f32x4.min(f32x4.max(x, f32x4.splat(-87)), f32x4.splat(87)), f32x4.splat(1.44269504));
  const k = f32x4.nearest(t);
  const f = f32x4.mul(f32x4.sub(t, k), f32x4.splat(0.69314718));
  let s = f32x4.splat(1.0 / 720);
  s = madd(f32x4.splat(1.0 / 120), s, f);
  s = madd(f32x4.splat(1.0 / 24), s, f);
  s = madd(f32x4.splat(1.0 / 6), s, f);
  s = madd(f32x4.splat(0.5), s, f);
  s = madd(f32x4.splat(1), s, f);
  s = madd(f32x4.splat(1), s, f);
  return i32x4.add(s, i32x4.shl(i32x4.trunc_sat_f32x4_s(k), 23)); // 2^k goes straight into the exponent's bits
}

/**
 * Logits x (pixels, step bytes apart) to bytes round(255 * sigmoid), channel by channel: out (channels, pixels).
 * Reads and writes up to 3 pixels beyond the last one; the next channel overwrites them, and the caller leaves room.
 */
export function sigmoid(pixels: i32, channels: i32, x: usize, step: i32, out: usize): void {
  const one = f32x4.splat(1);
  for (let c = 0; c < channels; c++) {
    for (let i = 0; i < pixels; i += 4) {
      const p = x + i * step + (c << 2);
      let v = v128.load32_splat(p);
      v = v128.load32_lane(p + step, v, 1);
      v = v128.load32_lane(p + 2 * step, v, 2);
      v = v128.load32_lane(p + 3 * step, v, 3);
      v = f32x4.div(f32x4.splat(255), f32x4.add(one, exp4(f32x4.neg(v))));
      const words = i32x4.trunc_sat_f32x4_u(f32x4.add(v, f32x4.splat(0.5)));
      const shorts = i16x8.narrow_i32x4_u(words, words);
      v128.store32_lane(out + c * pixels + i, i8x16.narrow_i16x8_u(shorts, shorts), 0);
    }
  }
}

/**
 * float16 to float32, in place: `count` numbers (a multiple of 4) that fill the upper half of their own room at `p`.
 * A half's exponent and fraction, moved 13 bits up, are a float's, but for the bias: times 2^112 mends that, zeros and
 * subnormal numbers included. Reading stays ahead of writing, since a read advances half as far as a write.
 */
export function unpack(count: i32, p: usize): void {
  const half = p + (count << 1);
  const scale = f32x4.splat(5192296858534827628530496329220096.0);
  for (let i = 0; i < count; i += 4) {
    const h = v128.load64_zero(half + (i << 1));
    const bits = i32x4.extend_low_i16x8_u(h);
    const sign = i32x4.shl(v128.and(bits, i32x4.splat(0x8000)), 16);
    const size = f32x4.mul(i32x4.shl(v128.and(bits, i32x4.splat(0x7fff)), 13), scale);
    v128.store(p + (i << 2), v128.or(size, sign));
  }
}

/**
 * int8 times its scale to float32, in place: `panels` of `run` eights each, that lie at `q`, in the last quarter of the
 * room that they fill from `p` on. The eight at place k of a panel's run has the scales of group `groups[k]` (16 bits),
 * eight float32 of `many` groups a panel. What comes of it is rounded to float16, halves to even, as
 * vaedemo/store/packed.py does: with 1.5 * 2^13 times its own power of two added, a number ends at a float16's last bit.
 */
export function unpackScaled(
  panels: i32, run: i32, q: usize, groups: usize, many: i32, scales: usize, p: usize,
): void {
  for (let panel = 0; panel < panels; panel++) {
    for (let k = 0; k < run; k++, q += 8, p += 32) {
      const scale = scales + (<usize>load<u16>(groups + (k << 1)) << 5);
      const steps = i16x8.extend_low_i8x16_s(v128.load64_zero(q));
      const low = f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_s(steps));
      const high = f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_s(steps));
      v128.store(p, halved(f32x4.mul(low, v128.load(scale))));
      v128.store(p, halved(f32x4.mul(high, v128.load(scale, 16))), 16);
    }
    scales += many << 5;
  }
}

/**
 * Four products of a whole number and a float16, rounded to float16. Those below 2^-14, where a float16's digits get
 * fewer, are whole multiples of 2^-24, as the float16 is: they have no more digits than they may.
 */
// @ts-ignore: decorator
@inline
function halved(x: v128): v128 {
  const more = f32x4.mul(v128.and(x, i32x4.splat(0x7f800000)), f32x4.splat(12288));
  return f32x4.sub(f32x4.add(x, more), more);
}
