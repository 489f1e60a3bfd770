/** What lies behind a part of a still that moves away. `vaedemo/warping.py` says why, and does the same. */
import {COLOR, DOUBT, RIM, SAMPLES, alike, bells, grown, samplesOf} from './foreground-matting.mjs';

const AROUND = 8;
const REACH = 24;
const OTHER = 0.1;
const UNLIKE = 0.4;
const AGREED = 0.55;
/** @typedef {import('./foreground-matting.mjs').Picture} Picture */

/** The still without what is in the hole. @param {Picture} still @param {Uint8Array} hole @returns {Float32Array} */
export function plateOf(still, hole) {
  const {side, data} = still;
  const block = side / SAMPLES;
  const colors = samplesOf(still);
  const open = new Uint8Array(SAMPLES * SAMPLES);
  const plate = data.slice();
  const inside = placesOf(hole);
  const sampleOf = at => Math.floor(at / side / block) * SAMPLES + Math.floor((at % side) / block);
  for (const at of inside) open[sampleOf(at)] = 1;
  let filled = settled(colors.data, open, smooth(colors, open));
  for (let size = SAMPLES; size < side; size *= 2) filled = doubled(filled, size);
  for (const at of inside) plate.set(filled.subarray(3 * at, 3 * at + 3), 3 * at);
  for (const part of partsOf(open, SAMPLES)) {
    const samples = new Set(part);
    const coarse = likest(colors, open, part, [0, 0], REACH, 1);
    const mine = inside.filter(at => samples.has(sampleOf(at)));
    const fine =
      coarse &&
      likest(
        still,
        hole,
        mine,
        coarse.map(way => way * block),
        block - 1,
        UNLIKE,
      );
    const other = fine && unlike(still, hole, mine, fine);
    if (other)
      for (const at of mine)
        if (other[3 * at] < AGREED)
          for (let c = 3 * at, from = 3 * (at + fine[0] * side + fine[1]); c < 3 * at + 3; c++, from++)
            plate[c] = data[from];
  }
  return plate;
}

/** How much of the rim around each place in a part of the hole is unlike the still, moved [down, right]. */
function unlike({side, data}, hole, part, [down, right]) {
  const mask = new Uint8Array(side * side);
  const open = new Uint8Array(side * side).fill(1);
  const other = new Float32Array(data.length);
  const inside = value => Math.max(0, Math.min(side - 1, value));
  for (const at of part) mask[at] = 1;
  for (const at of placesOf(grown(mask, RIM, side))) {
    if (hole[at]) continue;
    const k = 3 * (inside(Math.floor(at / side) + down) * side + inside((at % side) + right));
    const i = 3 * at;
    open[at] = 0;
    if ((data[k] - data[i]) ** 2 + (data[k + 1] - data[i + 1]) ** 2 + (data[k + 2] - data[i + 2]) ** 2 > OTHER)
      other.fill(1, i, i + 3);
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

/**
 * Of moves up to `by` from a first one, (down, right), the one to where it is likest to a part of the hole and its
 * rim; null: its rim is not like it.
 */
function likest({side, data}, hole, part, [down, right], by, most) {
  const mask = new Uint8Array(side * side);
  const last = side - 1;
  const [top, bottom] = [part[0], part.at(-1)].map(i => Math.floor(i / side));
  let left = last;
  let end = 0;
  for (const i of part) {
    mask[i] = 1;
    [left, end] = [Math.min(left, i % side), Math.max(end, i % side)];
  }
  const around = placesOf(grown(mask, side === SAMPLES ? 1 : RIM, side)).filter(i => mask[i] || !hole[i]);
  const rim = around.filter(i => !hole[i]);
  const rows = Int16Array.from(around, i => Math.floor(i / side));
  const columns = Int16Array.from(around, i => i % side);
  const apart = (n, dy, dx) => {
    const y = rows[n] + dy;
    const x = columns[n] + dx;
    const i = 3 * around[n];
    const k = 3 * ((y < 0 ? 0 : y > last ? last : y) * side + (x < 0 ? 0 : x > last ? last : x));
    return (data[k] - data[i]) ** 2 + (data[k + 1] - data[i + 1]) ** 2 + (data[k + 2] - data[i + 2]) ** 2;
  };
  let best = null;
  let least = Infinity;
  for (let dy = Math.max(down - by, -top); dy <= Math.min(down + by, last - bottom); dy++)
    for (let dx = Math.max(right - by, -left); dx <= Math.min(right + by, last - end); dx++) {
      const move = dy * side + dx;
      let away = 0;
      for (let n = 0; n < part.length && !away; n++) if (hole[part[n] + move]) away = Infinity;
      for (let n = 0; n < around.length && away < least; n++) away += Math.min(OTHER, apart(n, dy, dx));
      if (away < least) [best, least] = [[dy, dx], away];
    }
  return best &&
    rim.length &&
    around.filter((i, n) => !hole[i] && apart(n, ...best) > OTHER).length < most * rim.length
    ? best
    : null;
}

/** @param {Uint8Array} mask */
function placesOf(mask) {
  const places = [];
  for (let i = 0; i < mask.length; i++) if (mask[i]) places.push(i);
  return places;
}
