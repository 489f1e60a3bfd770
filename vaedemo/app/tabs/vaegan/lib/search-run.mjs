/** One search for the GAN's z at a time: what it has found so far is told once a frame. */
import {RequestError} from '../../../../web/page/request.mjs';
import {leading, search} from './portrait.mjs';

/** @typedef {import('./portrait.mjs').Found} Found */

export const STEPS = 200;
export const STARTS = 4;

/**
 * @typedef {'waiting' | 'running' | 'done' | 'stopped'} State
 * @typedef {object} Run
 * @property {Uint8Array} x  the face that is searched for
 * @property {number} seed
 * @property {State} state
 * @property {Found | null} now  the newest step; null: none has come yet
 * @property {number[][]} trail  the errors of each start, after each step from 0 on
 * @property {number[][]} path  the leading z, after each step from 0 on
 * @property {number} seconds  since the first step was asked for
 */

/** A run that has found something. @typedef {Run & {now: Found}} Underway */

export class SearchRun {
  /** @type {AbortController | null} */
  #running = null;
  #tell;
  /** The search in view. @type {Run | null} */
  run = null;

  /** @param {(run: Run) => void} tell  hears of the run at most once a frame, and of its end */
  constructor(tell) {
    this.#tell = tell;
  }

  get isRunning() {
    return this.#running !== null;
  }

  /** Stops what is under way; it keeps what it has found, and tells so once the server is let go. */
  stop() {
    this.#running?.abort();
    this.#running = null;
  }

  /** Shows an earlier run again. @param {Run | null} run */
  show(run) {
    this.stop();
    this.run = run;
    if (run) this.#tell(run);
  }

  /** Forgets the run: another portrait has come. */
  clear() {
    this.stop();
    this.run = null;
  }

  /**
   * Searches until it is done or stopped; the search before is stopped. Throws a RequestError.
   * @param {Uint8Array} x @param {number} seed
   */
  async start(x, seed) {
    this.stop();
    const running = new AbortController();
    this.#running = running;
    /** @type {Run} */
    const run = {x, seed, state: 'waiting', now: null, trail: [], path: [], seconds: 0};
    this.run = run;
    const begun = performance.now();
    const frames = this.#frames(run);
    this.#tell(run);
    try {
      const hear = (/** @type {Found} */ now) => {
        note(run, now);
        run.seconds = (performance.now() - begun) / 1000;
        frames.ask();
      };
      await search({x, steps: STEPS, starts: STARTS, seed}, hear, running.signal);
      if (run.now?.step !== STEPS) throw new RequestError('The server went away in the middle of it.');
      run.state = 'done';
    } catch (error) {
      run.state = 'stopped';
      if (!running.signal.aborted) throw error;
    } finally {
      frames.end();
      if (this.#running === running) this.#running = null;
      if (this.run === run) this.#tell(run);
    }
  }

  /** Tells of a run in the next frame, once. @param {Run} run */
  #frames(run) {
    let asked = 0;
    return {
      ask: () => {
        asked ||= requestAnimationFrame(() => {
          asked = 0;
          if (this.run === run) this.#tell(run);
        });
      },
      end: () => cancelAnimationFrame(asked),
    };
  }
}

/** @param {Run} run @param {Found} now */
function note(run, now) {
  run.state = 'running';
  run.now = now;
  run.trail.push(now.errors);
  run.path.push(/** @type {number[]} */ (leading(now)));
}
