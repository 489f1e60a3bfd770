/**
 * The arithmetic of training in the browser: AssemblyScript, WebAssembly SIMD, float32, whole minibatches at a time.
 *
 * Matrices are stored row by row. The one matrix product takes the strides of both factors, so that the same code gives
 * A B (forward), A B^T (the gradient by a layer's input) and A^T B (the gradient by its weights). It copies A into
 * panels of 4 rows and B into panels of 8 columns first: the innermost loop then reads both in order, and its block of
 * 4 x 8 sums stays in registers. Pixels of a binarized picture are 0 or 1, mostly 0: `gather` adds the rows of a matrix
 * that the ones choose, which is the same product without its zeros.
 *
 * Pointers and strides count bytes; all other sizes count numbers.
 *
 * After a change: `npm ci && npm run build` in the repository's root, and commit the built file with it.
 */

/** Rows of a panel of A, and columns of a panel of B, as bytes of one step along the sum. */
const A_STEP: i32 = 16;
const B_STEP: i32 = 32;

/** sum + x * w */
// @ts-ignore: decorator
@inline
function madd(sum: v128, x: v128, w: v128): v128 {
  return ASC_FEATURE_RELAXED_SIMD ? f32x4.relaxed_madd(x, w, sum) : f32x4.add(sum, f32x4.mul(x, w));
}

/** Four rows of A, or as many as there are, as k groups of 4; missing rows are 0. */
function packA(rows: i32, k: i32, a: usize, aRow: i32, aColumn: i32, to: usize): void {
  if (rows >= 4 && aRow === 4) {
    for (let i = 0; i < k; i++, a += aColumn, to += A_STEP) v128.store(to, v128.load(a));
    return;
  }
  for (let r = 0; r < 4; r++) {
    let from = a + r * aRow;
    let into = to + (r << 2);
    if (r < rows) for (let i = 0; i < k; i++, from += aColumn, into += A_STEP) f32.store(into, f32.load(from));
    else for (let i = 0; i < k; i++, into += A_STEP) f32.store(into, 0);
  }
}

/** Eight columns of B, or as many as there are, as k groups of 8; missing columns are 0. */
function packB(columns: i32, k: i32, b: usize, bRow: i32, bColumn: i32, to: usize): void {
  if (columns >= 8 && bColumn === 4) {
    for (let i = 0; i < k; i++, b += bRow, to += B_STEP) {
      v128.store(to, v128.load(b));
      v128.store(to, v128.load(b, 16), 16);
    }
    return;
  }
  for (let c = 0; c < 8; c++) {
    let from = b + c * bColumn;
    let into = to + (c << 2);
    if (c < columns) for (let i = 0; i < k; i++, from += bRow, into += B_STEP) f32.store(into, f32.load(from));
    else for (let i = 0; i < k; i++, into += B_STEP) f32.store(into, 0);
  }
}

/** A block of 4 x 8 sums over k, from a panel of A and one of B, to rows of `pitch` bytes. */
// @ts-ignore: decorator
@inline
function block(k: i32, a: usize, b: usize, c: usize, pitch: i32): void {
  const none = f32x4.splat(0);
  let a0 = none, a1 = none, b0 = none, b1 = none, c0 = none, c1 = none, d0 = none, d1 = none;
  for (let end = a + k * A_STEP; a < end; a += A_STEP, b += B_STEP) {
    const w0 = v128.load(b), w1 = v128.load(b, 16);
    let v = v128.load32_splat(a);
    a0 = madd(a0, v, w0); a1 = madd(a1, v, w1);
    v = v128.load32_splat(a, 4);
    b0 = madd(b0, v, w0); b1 = madd(b1, v, w1);
    v = v128.load32_splat(a, 8);
    c0 = madd(c0, v, w0); c1 = madd(c1, v, w1);
    v = v128.load32_splat(a, 12);
    d0 = madd(d0, v, w0); d1 = madd(d1, v, w1);
  }
  v128.store(c, a0); v128.store(c, a1, 16); c += pitch;
  v128.store(c, b0); v128.store(c, b1, 16); c += pitch;
  v128.store(c, c0); v128.store(c, c1, 16); c += pitch;
  v128.store(c, d0); v128.store(c, d1, 16);
}

/** Numbers of room that `product` needs. */
export function roomOf(m: i32, k: i32): i32 {
  return ((m + 3) & ~3) * k + 8 * k + 32;
}

/**
 * C (m, n) = A (m, k) B (k, n). A and B have any strides, C lies row by row. `room`: see roomOf; aligned to 16 bytes.
 */
export function product(
  m: i32, n: i32, k: i32, a: usize, aRow: i32, aColumn: i32, b: usize, bRow: i32, bColumn: i32, c: usize, room: usize,
): void {
  const panelB = room;
  const tile = room + k * B_STEP;
  const panelsA = tile + 128;
  const panel = k * A_STEP;
  const pitch = n << 2;
  for (let i = 0; i < m; i += 4) packA(m - i, k, a + i * aRow, aRow, aColumn, panelsA + (i >> 2) * panel);
  for (let j = 0; j < n; j += 8) {
    packB(n - j, k, b + j * bColumn, bRow, bColumn, panelB);
    let at = c + (j << 2);
    let from = panelsA;
    for (let i = 0; i < m; i += 4, at += pitch << 2, from += panel) {
      if (i + 4 <= m && j + 8 <= n) {
        block(k, from, panelB, at, pitch);
        continue;
      }
      block(k, from, panelB, tile, 32);
      const wide = min(8, n - j) << 2;
      for (let r = 0; r < min(4, m - i); r++) memory.copy(at + r * pitch, tile + (r << 5), wide);
    }
  }
}

/**
 * For each of `rows`: y (columns) = the sum of those rows of `table` (rows of `columns` numbers) that its list names.
 * List r is indices[starts[r]] to indices[starts[r + 1]]; both are int32. columns: a multiple of 4.
 */
export function gather(rows: i32, columns: i32, starts: usize, indices: usize, table: usize, y: usize): void {
  const pitch = columns << 2;
  // Parts of 32 columns: their sums stay in registers, and that part of the table in the cache.
  let first = 0;
  for (; first + 32 <= columns; first += 32) {
    const part = table + (first << 2);
    for (let r = 0; r < rows; r++) {
      const none = f32x4.splat(0);
      let s0 = none, s1 = none, s2 = none, s3 = none, s4 = none, s5 = none, s6 = none, s7 = none;
      const end = indices + (i32.load(starts + (r << 2), 4) << 2);
      for (let at = indices + (i32.load(starts + (r << 2)) << 2); at < end; at += 4) {
        const row = part + i32.load(at) * pitch;
        s0 = f32x4.add(s0, v128.load(row)); s1 = f32x4.add(s1, v128.load(row, 16));
        s2 = f32x4.add(s2, v128.load(row, 32)); s3 = f32x4.add(s3, v128.load(row, 48));
        s4 = f32x4.add(s4, v128.load(row, 64)); s5 = f32x4.add(s5, v128.load(row, 80));
        s6 = f32x4.add(s6, v128.load(row, 96)); s7 = f32x4.add(s7, v128.load(row, 112));
      }
      const to = y + r * pitch + (first << 2);
      v128.store(to, s0); v128.store(to, s1, 16); v128.store(to, s2, 32); v128.store(to, s3, 48);
      v128.store(to, s4, 64); v128.store(to, s5, 80); v128.store(to, s6, 96); v128.store(to, s7, 112);
    }
  }
  for (; first < columns; first += 4) {
    const part = table + (first << 2);
    for (let r = 0; r < rows; r++) {
      let sum = f32x4.splat(0);
      const end = indices + (i32.load(starts + (r << 2), 4) << 2);
      for (let at = indices + (i32.load(starts + (r << 2)) << 2); at < end; at += 4)
        sum = f32x4.add(sum, v128.load(part + i32.load(at) * pitch));
      v128.store(y + r * pitch + (first << 2), sum);
    }
  }
}

/** exp(x) of four numbers, relative error below 1e-6 for |x| <= 87: as in kernels.ts. */
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
  return i32x4.add(s, i32x4.shl(i32x4.trunc_sat_f32x4_s(k), 23));
}

/** log(1 + u) of four numbers in [0, 1], error below 1e-7: 2 atanh(u / (2 + u)) by its series. */
// @ts-ignore: decorator
@inline
function log1p4(u: v128): v128 {
  const s = f32x4.div(u, f32x4.add(f32x4.splat(2), u));
  const q = f32x4.mul(s, s);
  let p = f32x4.splat(2.0 / 13);
  p = madd(f32x4.splat(2.0 / 11), p, q);
  p = madd(f32x4.splat(2.0 / 9), p, q);
  p = madd(f32x4.splat(2.0 / 7), p, q);
  p = madd(f32x4.splat(2.0 / 5), p, q);
  p = madd(f32x4.splat(2.0 / 3), p, q);
  p = madd(f32x4.splat(2), p, q);
  return f32x4.mul(p, s);
}

// @ts-ignore: decorator
@inline
function sum4(v: v128): f32 {
  return (
    f32x4.extract_lane(v, 0) + f32x4.extract_lane(v, 1) + (f32x4.extract_lane(v, 2) + f32x4.extract_lane(v, 3))
  );
}

/** x (rows, columns) + bias, in place; `relu`: what is below 0 becomes 0. Any number of columns. */
export function addBias(rows: i32, columns: i32, x: usize, bias: usize, relu: bool): void {
  const floor = f32x4.splat(relu ? 0 : -Infinity);
  const lowest: f32 = relu ? 0 : -Infinity;
  for (let r = 0; r < rows; r++) {
    let c = 0;
    for (; c + 4 <= columns; c += 4, x += 16)
      v128.store(x, f32x4.max(f32x4.add(v128.load(x), v128.load(bias + (c << 2))), floor));
    for (; c < columns; c++, x += 4) f32.store(x, max(f32.load(x) + f32.load(bias + (c << 2)), lowest));
  }
}

/** The gradient by what ReLU was given, in place of that by its answer y: 0 where y is 0. count: a multiple of 4. */
export function reluGradient(count: i32, y: usize, dy: usize): void {
  const none = f32x4.splat(0);
  for (let i: usize = 0, end: usize = count << 2; i < end; i += 16)
    v128.store(dy + i, v128.and(v128.load(dy + i), f32x4.gt(v128.load(y + i), none)));
}

/** The sums of the columns of x (rows, columns): a bias's gradient. */
export function columnSums(rows: i32, columns: i32, x: usize, sums: usize): void {
  memory.fill(sums, 0, columns << 2);
  for (let r = 0; r < rows; r++) {
    let c = 0;
    for (; c + 4 <= columns; c += 4, x += 16) {
      const at = sums + (c << 2);
      v128.store(at, f32x4.add(v128.load(at), v128.load(x)));
    }
    for (; c < columns; c++, x += 4) {
      const at = sums + (c << 2);
      f32.store(at, f32.load(at) + f32.load(x));
    }
  }
}

/**
 * A Bernoulli's -log p(x | logits) in nats of each row, and its gradient times `scale`, which takes the logits' place.
 * log(1 + exp(l)) - x l = max(l, 0) - x l + log(1 + exp(-|l|)). columns: a multiple of 4.
 */
export function bernoulli(rows: i32, columns: i32, logits: usize, x: usize, scale: f32, nats: usize): void {
  const none = f32x4.splat(0), one = f32x4.splat(1), by = f32x4.splat(scale);
  for (let r = 0; r < rows; r++) {
    let sum = none;
    for (let c = 0; c < columns; c += 4, logits += 16, x += 16) {
      const l = v128.load(logits), ink = v128.load(x);
      const u = exp4(f32x4.neg(f32x4.abs(l)));
      sum = f32x4.add(sum, f32x4.add(f32x4.sub(f32x4.max(l, none), f32x4.mul(ink, l)), log1p4(u)));
      const near = f32x4.div(one, f32x4.add(one, u)); // the sigmoid of |l|
      const sigmoid = v128.bitselect(near, f32x4.sub(one, near), f32x4.ge(l, none));
      v128.store(logits, f32x4.mul(f32x4.sub(sigmoid, ink), by));
    }
    f32.store(nats + (r << 2), sum4(sum));
  }
}

/** Logits to round(255 * sigmoid) as bytes: what the page paints. count: a multiple of 4. */
export function shades(count: i32, logits: usize, bytes: usize): void {
  const one = f32x4.splat(1);
  for (let i = 0; i < count; i += 4) {
    const v = f32x4.div(f32x4.splat(255), f32x4.add(one, exp4(f32x4.neg(v128.load(logits + (i << 2))))));
    const words = i32x4.trunc_sat_f32x4_u(f32x4.add(v, f32x4.splat(0.5)));
    const shorts = i16x8.narrow_i32x4_u(words, words);
    v128.store32_lane(bytes + i, i8x16.narrow_i16x8_u(shorts, shorts), 0);
  }
}

/**
 * One step of Adam (Kingma & Ba 2015) on `count` weights w with gradients g, a multiple of 4. `rate` is the learning
 * rate over 1 - beta1^t, `mend` is 1 over 1 - beta2^t.
 */
export function adam(
  count: i32, w: usize, g: usize, m: usize, v: usize, rate: f32, mend: f32, beta1: f32, beta2: f32, epsilon: f32,
): void {
  const keep1 = f32x4.splat(beta1), new1 = f32x4.splat(1 - beta1);
  const keep2 = f32x4.splat(beta2), new2 = f32x4.splat(1 - beta2);
  const by = f32x4.splat(rate), mends = f32x4.splat(mend), least = f32x4.splat(epsilon);
  for (let i: usize = 0, end: usize = count << 2; i < end; i += 16) {
    const slope = v128.load(g + i);
    const first = madd(f32x4.mul(keep1, v128.load(m + i)), new1, slope);
    const second = madd(f32x4.mul(keep2, v128.load(v + i)), new2, f32x4.mul(slope, slope));
    v128.store(m + i, first);
    v128.store(v + i, second);
    const size = f32x4.add(f32x4.sqrt(f32x4.mul(second, mends)), least);
    v128.store(w + i, f32x4.sub(v128.load(w + i), f32x4.div(f32x4.mul(by, first), size)));
  }
}
