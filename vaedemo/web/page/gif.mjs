/** Pictures one after another as a GIF that loops (GIF89a): of a page without a server; others ask theirs. */

const COLORS = 256;
const MOST_CODES = 4096;
const CLEAR = COLORS;
const LEVELS = 32; // of each channel, to choose colors by
const MOST_PIXELS = 40_000_000; // of all frames, as on the server

/** Where a color lies among LEVELS^3 boxes. @param {Uint8Array} rgb @param {number} at */
const boxOf = (rgb, at) => ((rgb[at] >> 3) << 10) | ((rgb[at + 1] >> 3) << 5) | (rgb[at + 2] >> 3);

/**
 * Up to 256 colors of these pixels, and which of them is for each box (median cut; Heckbert 1982).
 * @param {Uint8Array} rgb
 */
function paletteOf(rgb) {
  const counts = new Uint32Array(LEVELS ** 3);
  for (let at = 0; at < rgb.length; at += 3) counts[boxOf(rgb, at)]++;
  let groups = [Array.from(counts.keys()).filter(box => counts[box])];
  while (groups.length < COLORS) {
    const [widest, channel] = groups.reduce(
      (best, group, i) => {
        const [shift, extent] = longest(group);
        return extent > best[2] ? [i, shift, extent] : best;
      },
      [0, 0, 0],
    );
    const group = groups[widest];
    if (longest(group)[1] === 0) break;
    const sorted = group.toSorted((a, b) => ((a >> channel) & 31) - ((b >> channel) & 31));
    const cut = medianOf(sorted, counts, channel);
    groups = [...groups.slice(0, widest), sorted.slice(0, cut), sorted.slice(cut), ...groups.slice(widest + 1)];
  }
  const table = new Uint8Array(3 * COLORS);
  const nearest = new Uint8Array(LEVELS ** 3);
  groups.forEach((group, i) => {
    const all = group.reduce((sum, box) => sum + counts[box], 0);
    for (const box of group) nearest[box] = i;
    [10, 5, 0].forEach((shift, c) => {
      const sum = group.reduce((total, box) => total + counts[box] * (((box >> shift) & 31) * 8 + 4), 0);
      table[3 * i + c] = Math.round(sum / Math.max(1, all));
    });
  });
  return {table, nearest};
}

/** The channel, as a shift, along which a group of boxes reaches farthest, and how far. @param {number[]} group */
function longest(group) {
  return [10, 5, 0]
    .map(shift => {
      let least = 31;
      let most = 0;
      for (const box of group) {
        const level = (box >> shift) & 31;
        if (level < least) least = level;
        if (level > most) most = level;
      }
      return [shift, most - least];
    })
    .reduce((best, one) => (one[1] > best[1] ? one : best));
}

/**
 * Where half of the pixels are past, between two levels of the channel.
 * @param {number[]} sorted
 * @param {Uint32Array} counts
 * @param {number} channel
 */
function medianOf(sorted, counts, channel) {
  const half = sorted.reduce((sum, box) => sum + counts[box], 0) / 2;
  let seen = 0;
  let cut = sorted.findIndex(box => (seen += counts[box]) >= half) + 1;
  const level = (/** @type {number} */ i) => (sorted[i] >> channel) & 31;
  while (cut < sorted.length && level(cut) === level(cut - 1)) cut++;
  if (cut < sorted.length) return cut;
  cut = sorted.length - 1;
  while (level(cut) === level(cut - 1)) cut--;
  return cut;
}

/** Bytes that grow. */
class Bytes {
  #parts = new Uint8Array(1 << 16);
  #length = 0;

  /** @param {ArrayLike<number>} more */
  add(more) {
    if (this.#length + more.length > this.#parts.length) {
      const larger = new Uint8Array(2 * (this.#length + more.length));
      larger.set(this.#parts);
      this.#parts = larger;
    }
    this.#parts.set(more, this.#length);
    this.#length += more.length;
  }

  /** @param {number} value */
  short = value => this.add([value & 255, value >> 8]);

  get all() {
    return this.#parts.slice(0, this.#length);
  }
}

/** Codes of growing length, packed from the lowest bit on, in blocks of at most 255 bytes. @param {Bytes} out */
function packer(out) {
  /** @type {number[]} */
  const block = [];
  let bits = 0;
  let count = 0;
  const flush = () => {
    if (block.length) out.add([block.length, ...block.splice(0)]);
  };
  const shift = () => {
    block.push(bits & 255);
    bits >>>= 8;
    count -= 8;
    if (block.length === 255) flush();
  };
  return {
    /** @param {number} code @param {number} size */
    put(code, size) {
      bits |= code << count;
      for (count += size; count >= 8;) shift();
    },
    end() {
      if (count > 0) shift();
      flush();
      out.add([0]);
    },
  };
}

/**
 * A frame's pixels, compressed (LZW; Welch 1984).
 * @param {Uint8Array} pixels
 * @param {Bytes} out
 * @param {Uint16Array} known  MOST_CODES * COLORS zeros: the code of each code with one more pixel
 */
function compress(pixels, out, known) {
  const {put, end} = packer(out);
  out.add([8]); // bits a pixel
  let size = 9;
  let next = CLEAR + 2;
  put(CLEAR, size);
  let prefix = pixels[0];
  for (let i = 1; i < pixels.length; i++) {
    const key = prefix * COLORS + pixels[i];
    if (known[key]) {
      prefix = known[key];
      continue;
    }
    put(prefix, size);
    prefix = pixels[i];
    if (next < MOST_CODES) {
      if (next === 1 << size) size++;
      known[key] = next++;
      continue;
    }
    put(CLEAR, size);
    known.fill(0);
    size = 9;
    next = CLEAR + 2;
  }
  put(prefix, size);
  put(CLEAR + 1, next === 1 << size && size < 12 ? size + 1 : size);
  end();
  known.fill(0);
}

/**
 * Planes (C, H, W) as pixels, `scale` times as large: crisp where they are grey, else smooth.
 * @param {Uint8Array} planes
 * @param {{width: number, height: number, channels: number, scale: number}} form
 */
function enlarged(planes, {width, height, channels, scale}) {
  const pixels = new Uint8Array(width * height * scale ** 2 * channels);
  let at = 0;
  for (let y = 0; y < height * scale; y++)
    for (let x = 0; x < width * scale; x++)
      for (let c = 0; c < channels; c++) {
        const plane = planes.subarray(c * width * height, (c + 1) * width * height);
        pixels[at++] =
          channels === 1 || scale === 1
            ? plane[Math.floor(y / scale) * width + Math.floor(x / scale)]
            : between(plane, width, height, (x + 0.5) / scale - 0.5, (y + 0.5) / scale - 0.5);
      }
  return pixels;
}

/**
 * A plane's value between four pixels.
 * @param {Uint8Array} plane
 * @param {number} width
 * @param {number} height
 * @param {number} x
 * @param {number} y
 */
function between(plane, width, height, x, y) {
  const left = Math.min(width - 1, Math.max(0, Math.floor(x)));
  const top = Math.min(height - 1, Math.max(0, Math.floor(y)));
  const right = Math.min(width - 1, left + 1);
  const down = Math.min(height - 1, top + 1);
  const a = Math.max(0, x - left);
  const b = Math.max(0, y - top);
  const upper = plane[top * width + left] * (1 - a) + plane[top * width + right] * a;
  const lower = plane[down * width + left] * (1 - a) + plane[down * width + right] * a;
  return Math.round(upper * (1 - b) + lower * b);
}

/**
 * Planes of grey, or of red, green and blue, one frame after another. Throws an Error in plain words for too many.
 * @param {Uint8Array} planes
 * @param {{width: number, height: number, channels: number, ms: number, scale: number, back: boolean}} form
 *   back: the frames between the ends are shown again on the way back
 */
export function gifOf(planes, form) {
  const {width, height, channels, ms, scale, back} = form;
  const size = width * height * channels;
  const frames = Array.from({length: planes.length / size}, (_, i) => planes.subarray(i * size, (i + 1) * size));
  const shown = back ? [...frames, ...frames.slice(1, -1).reverse()] : frames;
  if (shown.length * width * height * scale ** 2 > MOST_PIXELS)
    throw new Error('These frames are too many for a GIF.');
  const large = new Map(frames.map(frame => [frame, enlarged(frame, form)]));
  const greys = Uint8Array.from({length: 3 * COLORS}, (_, i) => Math.floor(i / 3));
  const {table, nearest} = channels === 1 ? {table: greys, nearest: null} : paletteOf(joined([...large.values()]));
  const out = new Bytes();
  out.add(new TextEncoder().encode('GIF89a'));
  out.short(width * scale);
  out.short(height * scale);
  out.add([0xf7, 0, 0, ...table]); // 256 colors for all frames
  out.add([0x21, 0xff, 11, ...new TextEncoder().encode('NETSCAPE2.0'), 3, 1, 0, 0, 0]); // for ever
  const known = new Uint16Array(MOST_CODES * COLORS);
  for (const frame of shown) {
    const pixels = /** @type {Uint8Array} */ (large.get(frame));
    out.add([0x21, 0xf9, 4, 4]);
    out.short(Math.round(ms / 10));
    out.add([0, 0, 0x2c, 0, 0, 0, 0]);
    out.short(width * scale);
    out.short(height * scale);
    out.add([0]);
    compress(nearest ? indexed(pixels, nearest) : pixels, out, known);
  }
  out.add([0x3b]);
  return new Blob([out.all], {type: 'image/gif'});
}

/** @param {Uint8Array[]} parts */
function joined(parts) {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  parts.reduce((at, part) => (whole.set(part, at), at + part.length), 0);
  return whole;
}

/** @param {Uint8Array} rgb @param {Uint8Array} nearest */
const indexed = (rgb, nearest) => Uint8Array.from({length: rgb.length / 3}, (_, i) => nearest[boxOf(rgb, 3 * i)]);
