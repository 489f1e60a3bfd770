/**
 * A decoder that follows the hand: LiveDecoder.open(name), then show(z, paint) as often as one likes.
 * @typedef {import('./backends.mjs').Way} Way
 * @typedef {(planes: Uint8Array) => void} Paint
 * @typedef {{zs: Float32Array, n: number, paint: Paint, time: number}} Wanted
 * @typedef {{onError?: (error: Error | null) => void}} Options  onError: neither way works (null: one does again)
 */
import {Refusal, inBrowser, onServer} from './backends.mjs';

/** A part of a batch in the worker should hold up a moving hand no longer than this; the server's hold up nobody. */
const PART_MS = 6;
const SERVER_PART = 64;
/** Codes scored at a time: a fiftieth of a second. What must follow the hand meanwhile is decoded in the page. */
const SCORED = 128;
const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 4000;
/** @param {number} ms */
const sleep = ms =>
  new Promise(resolve => {
    setTimeout(resolve, ms);
  });

export class LiveDecoder {
  /**
   * Of the newest picture, in milliseconds: `decode` in the worker or on the server, `answer` from request to planes;
   * `asked` is when show() was called, on performance.now()'s clock.
   */
  timing = {decode: 0, answer: 0, asked: 0};
  #onError;
  /** @type {Way | null} */ #opened = null;
  /** @type {Wanted | null} */ #wanted = null;
  /** Paints what was decoded last. @type {(() => void) | null} */ #ready = null;
  #busy = false;
  #painted = false;
  #perPicture = PART_MS;
  #troubled = false;

  /**
   * Opens model `name` of the page. Decodes in this browser if it can, else on the server; `?server` in the page's
   * address asks for the server. Rejects if the page has no such model; while nothing answers, tells onError and goes
   * on trying.
   * @param {string} name
   * @param {Options} [options]
   * @returns {Promise<LiveDecoder>}
   */
  static async open(name, {onError = error => error && console.warn(error)} = {}) {
    const decoder = new LiveDecoder(name, onError);
    const server = () => onServer(name);
    const browser = () => inBrowser(name).catch(why => onServer(name, why));
    decoder.#opened = await decoder.#persist(new URLSearchParams(location.search).has('server') ? server : browser);
    return decoder;
  }

  /** Not to be called: open() does. @param {string} name @param {NonNullable<Options['onError']>} onError */
  constructor(name, onError) {
    this.name = name;
    this.#onError = onError;
  }

  get #way() {
    if (!this.#opened) throw new Error(`${this.name} is not open yet`);
    return this.#opened;
  }
  /** Where pictures are decoded: 'browser' or 'server'. */
  get place() {
    return this.#way.place;
  }
  /** Length of a vector [z, y]. */
  get inputs() {
    return this.#way.form.inputs;
  }
  /** Channels, height, width. */
  get shape() {
    return this.#way.form.shape;
  }

  /**
   * Decodes `n` vectors and paints them, unless a newer call comes first: the newest wins. One request is under way at
   * a time, and at most one paint happens in a frame.
   * @param {ArrayLike<number>} z  n * inputs numbers, copied
   * @param {Paint} paint
   * @param {number} [n]
   */
  show(z, paint, n = 1) {
    this.#wanted = {zs: this.#checked(z, n), n, paint, time: performance.now()};
    if (this.#way.swift) this.#atOnce();
    else if (!this.#busy) this.#follow();
  }

  /**
   * Decodes `n` vectors, in parts small enough that show() stays swift between them.
   * @param {ArrayLike<number>} zs  n * inputs numbers
   * @param {number} n
   * @param {(planes: Uint8Array, first: number, count: number) => void} onPart
   * @param {AbortSignal} [signal]  stops it: the promise rejects with its reason
   */
  async batch(zs, n, onPart, signal) {
    const all = this.#checked(zs, n);
    for (let first = 0, count; first < n; first += count) {
      const swift = Math.max(1, Math.floor(PART_MS / this.#perPicture));
      count = Math.min(n - first, this.place === 'server' ? SERVER_PART : swift);
      const part = all.subarray(first * this.inputs, (first + count) * this.inputs);
      const {planes} = await this.#persist(() => this.#decode(part, count), signal);
      signal?.throwIfAborted();
      onPart(planes, first, count);
    }
  }

  /**
   * log p(x|z) in nats, exactly, of a Bernoulli p(x|z): of each picture for each of `n` codes, row after row.
   * @param {Uint8Array} pictures  black and white, 0 or 1, one after the other
   * @param {ArrayLike<number>} zs
   * @param {number} n
   * @param {object} [options]
   * @param {string} [options.keep]  a name for these very codes, whose logits are kept for the next picture
   * @param {(done: number, scores: Float64Array) => void} [options.onPart]  is told how many codes are done
   * @param {AbortSignal} [options.signal]
   */
  async scores(pictures, zs, n, {keep, onPart, signal} = {}) {
    const all = this.#checked(zs, n);
    const rows = pictures.length / this.shape.reduce((a, b) => a * b);
    const scores = new Float64Array(rows * n);
    for (let first = 0; first < n; first += SCORED) {
      const count = Math.min(SCORED, n - first);
      const part = all.slice(first * this.inputs, (first + count) * this.inputs);
      const found = await this.#persist(
        () => this.#way.scores(pictures, part, count, keep && `${keep} ${first}`),
        signal,
      );
      signal?.throwIfAborted();
      for (let row = 0; row < rows; row++)
        scores.set(found.subarray(row * count, (row + 1) * count), row * n + first);
      onPart?.(first + count, scores);
    }
    return scores;
  }

  /** What each layer that gives a picture holds for one z; null: the server decodes. @param {ArrayLike<number>} z */
  async features(z) {
    return this.#way.features(this.#checked(z, 1));
  }

  /** @param {ArrayLike<number>} z @param {number} n */
  #checked(z, n) {
    const zs = Float32Array.from(z);
    const wanted = n * this.inputs;
    if (zs.length !== wanted) throw new RangeError(`${zs.length} numbers given; ${wanted} expected`);
    if (!zs.every(Number.isFinite)) throw new RangeError('z holds a number that is not finite');
    return zs;
  }

  /** In the event that asked, if this frame has seen no paint yet; else the newest at the next frame. */
  #atOnce() {
    const {swift} = this.#way;
    if (this.#painted || !this.#wanted || !swift) return;
    const {zs, n, paint, time} = this.#wanted;
    const start = performance.now();
    this.#wanted = null;
    const planes = swift(zs, n);
    const ms = performance.now() - start;
    this.timing = {decode: ms, answer: ms, asked: time};
    this.#ready = () => paint(planes);
    this.#paint();
  }

  async #follow() {
    this.#busy = true;
    while (this.#wanted) {
      let asked = this.#wanted;
      const start = performance.now();
      try {
        // Taken anew at each attempt: after a pause for a lost server only the newest is of interest.
        const answer = await this.#persist(() => {
          asked = this.#wanted ?? asked;
          this.#wanted = null;
          return this.#decode(asked.zs, asked.n);
        });
        this.timing = {decode: answer.ms, answer: performance.now() - start, asked: asked.time};
        this.#ready = () => asked.paint(answer.planes);
        queueMicrotask(() => this.#paint()); // what goes wrong in a paint is not this loop's
      } catch (error) {
        this.#tell(/** @type {Error} */ (error)); // a Refusal: this z will never be decoded, a later one may
      }
    }
    this.#busy = false;
  }

  /** Paints what is ready, at once if this frame has seen no paint yet; else the newest at the next frame. */
  #paint() {
    if (this.#painted || !this.#ready) return;
    const paint = this.#ready;
    this.#ready = null;
    this.#painted = true;
    requestAnimationFrame(() => {
      this.#painted = false;
      if (this.#way.swift) this.#atOnce();
      else this.#paint();
    });
    paint();
  }

  /**
   * One request; a broken worker is replaced by the server.
   * @param {Float32Array} zs
   * @param {number} n
   * @returns {Promise<import('./backends.mjs').Decoded>}
   */
  async #decode(zs, n) {
    const way = this.#way;
    try {
      const answer = await way.decode(zs, n);
      this.#perPicture += 0.3 * (answer.ms / n - this.#perPicture);
      return answer;
    } catch (error) {
      if (way.place === 'server') throw error;
      this.#opened = await onServer(this.name);
      return this.#decode(zs, n);
    }
  }

  /**
   * Calls `attempt` until it succeeds, is refused, or is stopped; tells onError when that takes more than one.
   * @template T
   * @param {() => Promise<T>} attempt
   * @param {AbortSignal} [signal]
   * @returns {Promise<T>}
   */
  async #persist(attempt, signal) {
    for (let wait = FIRST_WAIT_MS; ; wait = Math.min(2 * wait, LONGEST_WAIT_MS)) {
      signal?.throwIfAborted();
      try {
        const answer = await attempt();
        if (this.#troubled) this.#tell(null);
        return answer;
      } catch (error) {
        if (error instanceof Refusal) throw error;
        this.#tell(/** @type {Error} */ (error));
        await sleep(wait);
      }
    }
  }

  /** @param {Error | null} error */
  #tell(error) {
    this.#troubled = error !== null;
    this.#onError(error);
  }
}
