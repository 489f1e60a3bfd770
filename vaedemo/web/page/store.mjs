/** One value that several parts of a tab share: publish() changes it, subscribe() hears of it now and every time. */
import {newest} from './request.mjs';

/** @template T @template [How=undefined] */
export class Store {
  /** @type {T | null} */
  value;
  /** @type {Set<(value: T, how?: How) => void>} */
  #subscribers = new Set();

  /** @param {T | null} [value]  what there is at the start */
  constructor(value = null) {
    this.value = value;
  }

  /**
   * @param {(value: T, how?: How) => void} hear  is told at once of what there is; `how` it came is then undefined
   * @returns {() => void} ends the subscription
   */
  subscribe(hear) {
    this.#subscribers.add(hear);
    if (this.value !== null) hear(this.value);
    return () => this.#subscribers.delete(hear);
  }

  /** @param {T} value @param {How} [how]  what the subscribers shall know of the change, such as whose hand made it */
  publish(value, how) {
    this.value = value;
    for (const hear of [...this.#subscribers]) hear(value, how);
  }

  /**
   * For a fold: works on the newest value once the fold is in view, so that what nobody looks at asks the server
   * nothing. While it shows something earlier it is marked busy.
   * @param {HTMLElement} root
   * @param {(value: T) => unknown} ready  whether there is all that `work` needs
   * @param {(value: T, signal: AbortSignal) => Promise<void>} work
   * @param {(error: Error | null) => void} showError
   */
  whenVisible(root, ready, work, showError) {
    /** @type {T | null} */
    let waiting = null;
    let visible = false;
    const begin = newest(async (signal, /** @type {T | null} */ value) => {
      if (value === null) return;
      root.setAttribute('aria-busy', 'true');
      await work(value, signal);
      signal.throwIfAborted();
      root.removeAttribute('aria-busy');
      showError(null);
    });
    const look = () => {
      if (!visible || waiting === null) return;
      const value = waiting;
      waiting = null;
      begin(value).catch(error => {
        root.removeAttribute('aria-busy'); // what came before the error is shown
        showError(error);
      });
    };
    this.subscribe(value => {
      begin(null); // ends what is at work on something earlier
      const error = /** @type {{error?: Error} | null} */ (value)?.error ?? null;
      // Where there is nothing to wait for, what came before is shown.
      if (error) root.removeAttribute('aria-busy');
      else root.setAttribute('aria-busy', 'true');
      waiting = ready(value) ? value : null;
      showError(error);
      look();
    });
    new IntersectionObserver(entries => {
      visible = entries[entries.length - 1].isIntersecting;
      look();
    }).observe(root);
  }
}
