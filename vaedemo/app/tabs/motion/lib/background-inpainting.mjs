/** What lies behind a part of a still that moves away. `vaedemo/vision/image_warping.py` does the same, says why. */
import {COLOR, DOUBT, RIM, SAMPLES, alike, bells, grown, samplesOf} from './foreground-matting.mjs';

const AROUND = 8;
const REACH = 24;
const OTHER = 0.1;
const UNLIKE = 0.4;
const AGREED = 0.55;
/** @typedef {import('./foreground-matting.mjs').Picture} Picture @typedef {[number, number]} Move  down, right */

/** The still without what is in the hole. @param {Picture} still @param {Uint8Array} hole @returns {Float32Array} */
export function plateOf(still, hole) {
  const {side, data} = still;
  const block = side / SAMPLES;
  const colors = samplesOf(still);
  const open = new Uint8Array(SAMPLES * SAMPLES);
  const plate = data.slice();
  const inside = placesOf(hole);
  /** @param {number} at  a pixel */
  const sampleOf = at => Math.floor(at / side / block) * SAMPLES + Math.floor((at % side) / block);
  for (const at of inside) open[sampleOf(at)] = 1;
  let filled = settled(colors.data, open, smooth(colors, open));
  for (let size = SAMPLES; size < side; size *= 2) filled = doubled(filled, size);
  for (const at of inside) plate.set(filled.subarray(3 * at, 3 * at + 3), 3 * at);
  for (const part of partsOf(open, SAMPLES)) {
    const samples = new Set(part);
    const coarse = likest(colors, open, part, [0, 0], REACH, 1);
    if (!coarse) continue;
    const own = inside.filter(at => samples.has(sampleOf(at)));
    const fine = likest(still, hole, own, [coarse[0] * block, coarse[1] * block], block - 1, UNLIKE);
    if (fine) copyFrom(still, hole, own, fine, plate);
  }
  return plate;
}

/**
 * Fills a part of the hole from elsewhere in the still, where the rim around it agrees.
 * @param {Picture} still
 * @param {Uint8Array} hole
 * @param {number[]} part
 * @param {Move} move  to where it is copied from
 * @param {Float32Array} plate  changed
 */
function copyFrom(still, hole, part, move, plate) {
  const other = unlike(still, hole, part, move);
  const by = 3 * (move[0] * still.side + move[1]);
  for (const at of part)
    if (other[3 * at] < AGREED) plate.set(still.data.subarray(3 * at + by, 3 * at + by + 3), 3 * at);
}

/** The squared distance of two pixels' colors. @param {Float32Array} data @param {number} i @param {number} k */
const colorsApart = (data, i, k) =>
  (data[k] - data[i]) ** 2 + (data[k + 1] - data[i + 1]) ** 2 + (data[k + 2] - data[i + 2]) ** 2;

/**
 * How much of the rim around each place in a part of the hole is unlike the still, moved.
 * @param {Picture} still
 * @param {Uint8Array} hole
 * @param {number[]} part
 * @param {Move} move
 */
function unlike({side, data}, hole, part, [down, right]) {
  const mask = new Uint8Array(side * side);
  const open = new Uint8Array(side * side).fill(1);
  const other = new Float32Array(data.length);
  const last = side - 1;
  for (const at of part) mask[at] = 1;
  for (const at of placesOf(grown(mask, RIM, side))) {
    if (hole[at]) continue;
    const k = within(Math.floor(at / side) + down, last) * side + within((at % side) + right, last);
    open[at] = 0;
    if (colorsApart(data, 3 * at, 3 * k) > OTHER) other.fill(1, 3 * at, 3 * at + 3);
  }
  return smooth({side, data: other}, open);
}

/**
 * Unknown pixels from the known ones around them: pulled together to one pixel, and pushed back.
 * @param {Picture} picture
 * @param {Uint8Array} open
 */
function smooth({side, data}, open) {
  if (side === 1) return data;
  const half = side / 2;
  const small = new Float32Array(3 * half * half);
  const count = new Float32Array(half * half);
  /** @param {number} i  a pixel */
  const at = i => Math.floor(i / side / 2) * half + Math.floor((i % side) / 2);
  open.forEach((unknown, i) => {
    if (unknown) return;
    count[at(i)]++;
    for (let c = 0; c < 3; c++) small[3 * at(i) + c] += data[3 * i + c];
  });
  small.forEach((_, k) => {
    small[k] /= Math.max(1, count[Math.floor(k / 3)]);
  });
  const large = doubled(
    smooth(
      {side: half, data: small},
      Uint8Array.from(count, n => Number(!n)),
    ),
    half,
  );
  return data.map((value, k) => (open[Math.floor(k / 3)] ? large[k] : value));
}

/**
 * Each unknown sample takes the color around it that is likest to its own.
 * @param {Float32Array} colors
 * @param {Uint8Array} open
 * @param {Float32Array} start
 */
function settled(colors, open, start) {
  const bell = bells(AROUND, AROUND / 2);
  const filled = start.slice();
  for (let round = 0; round < 2; round++) {
    const now = filled.slice();
    open.forEach((unknown, i) => {
      if (!unknown) return;
      const sum = [0, 1, 2].map(c => DOUBT * start[3 * i + c]);
      let all = DOUBT;
      alike(colors, i, AROUND, bell, now, i, 3 * COLOR, (k, weight) => {
        if (open[k]) return;
        for (let c = 0; c < 3; c++) sum[c] += weight * colors[3 * k + c];
        all += weight;
      });
      filled.set(
        sum.map(value => value / all),
        3 * i,
      );
    });
  }
  return filled;
}

/** A picture twice as large, bilinearly. @param {Float32Array} data @param {number} side */
function doubled(data, side) {
  const wide = 2 * side;
  const large = new Float32Array(3 * wide * wide);
  const last = side - 1;
  for (let y = 0; y < wide; y++)
    for (let x = 0; x < wide; x++) {
      const [row, column] = [y >> 1, x >> 1];
      const above = Math.max(0, Math.min(last, row + (y & 1 ? 1 : -1)));
      const beside = Math.max(0, Math.min(last, column + (x & 1 ? 1 : -1)));
      for (let c = 0; c < 3; c++)
        large[3 * (y * wide + x) + c] =
          0.75 * (0.75 * data[3 * (row * side + column) + c] + 0.25 * data[3 * (row * side + beside) + c]) +
          0.25 * (0.75 * data[3 * (above * side + column) + c] + 0.25 * data[3 * (above * side + beside) + c]);
    }
  return large;
}

/**
 * The connected parts of a mask, each as its places in order.
 * @param {ArrayLike<number>} mask
 * @param {number} side
 * @returns {number[][]}
 */
export function partsOf(mask, side) {
  const left = Uint8Array.from(mask);
  const parts = [];
  for (let start = left.indexOf(1); start >= 0; start = left.indexOf(1, start)) {
    const part = [start];
    left[start] = 0;
    for (let n = 0; n < part.length; n++) {
      const row = Math.floor(part[n] / side);
      const column = part[n] % side;
      for (let y = Math.max(0, row - 1); y <= Math.min(side - 1, row + 1); y++)
        for (let x = Math.max(0, column - 1); x <= Math.min(side - 1, column + 1); x++) {
          const k = y * side + x;
          if (!left[k]) continue;
          left[k] = 0;
          part.push(k);
        }
    }
    parts.push(part.sort((a, b) => a - b));
  }
  return parts;
}

/** The nearest number from 0 to `last`. @param {number} value @param {number} last */
function within(value, last) {
  if (value < 0) return 0;
  return value > last ? last : value;
}

/**
 * Of moves up to `by` from a first one the one to where it is likest to a part of the hole and its rim; null: its rim
 * is not like it.
 * @param {Picture} picture
 * @param {Uint8Array} hole
 * @param {number[]} part
 * @param {Move} first
 * @param {number} by
 * @param {number} most  the share of the rim from which on it is not like it
 * @returns {Move | null}
 */
function likest({side, data}, hole, part, [down, right], by, most) {
  const last = side - 1;
  const {top, bottom, left, end} = boundsOf(part, side);
  const mask = new Uint8Array(side * side);
  for (const i of part) mask[i] = 1;
  const around = placesOf(grown(mask, side === SAMPLES ? 1 : RIM, side)).filter(i => mask[i] || !hole[i]);
  const rim = around.filter(i => !hole[i]);
  const rows = Int16Array.from(around, i => Math.floor(i / side));
  const columns = Int16Array.from(around, i => i % side);
  /** @param {number} n @param {number} dy @param {number} dx */
  const apart = (n, dy, dx) =>
    colorsApart(data, 3 * around[n], 3 * (within(rows[n] + dy, last) * side + within(columns[n] + dx, last)));
  /** @type {Move | null} */
  let best = null;
  let least = Infinity;
  for (let dy = Math.max(down - by, -top); dy <= Math.min(down + by, last - bottom); dy++)
    for (let dx = Math.max(right - by, -left); dx <= Math.min(right + by, last - end); dx++) {
      const move = dy * side + dx;
      let away = 0;
      for (let n = 0; n < part.length && !away; n++) if (hole[part[n] + move]) away = Infinity;
      for (let n = 0; n < around.length && away < least; n++) away += Math.min(OTHER, apart(n, dy, dx));
      if (away >= least) continue;
      best = [dy, dx];
      least = away;
    }
  if (!best || !rim.length) return null;
  const [dy, dx] = best;
  const unlikeIt = around.filter((i, n) => !hole[i] && apart(n, dy, dx) > OTHER).length;
  return unlikeIt < most * rim.length ? best : null;
}

/** The rows and columns of some places, which are in order. @param {number[]} part @param {number} side */
function boundsOf(part, side) {
  const columns = part.map(i => i % side);
  return {
    top: Math.floor(part[0] / side),
    bottom: Math.floor(part[part.length - 1] / side),
    left: columns.reduce((least, column) => Math.min(least, column), side - 1),
    end: columns.reduce((most, column) => Math.max(most, column), 0),
  };
}

/** @param {Uint8Array} mask */
function placesOf(mask) {
  const places = [];
  for (let i = 0; i < mask.length; i++) if (mask[i]) places.push(i);
  return places;
}
