/** What the folds of a tab share, and whoever hears of it: told now, and whenever there is something newer. */
import {newest} from './request.mjs';

/** @template {{error?: Error}} T */
export class Audience {
  /** @type {T | null} */ now = null;
  #events = new EventTarget();

  /** @param {(now: T) => void} hear */
  on(hear) {
    this.#events.addEventListener('told', () => hear(this.now));
    if (this.now) hear(this.now);
  }

  /** @param {T} next */
  tell(next) {
    this.now = next;
    this.#events.dispatchEvent(new Event('told'));
  }

  /**
   * For a fold: hears of the newest once it is in view, so that what nobody looks at asks the server nothing. While it
   * shows something earlier it is marked busy.
   * @param {HTMLElement} root @param {(now: T) => unknown} ready  whether there is all that `work` needs
   * @param {(now: T, signal: AbortSignal) => Promise<void>} work @param {(error: Error | null) => void} say
   */
  inView(root, ready, work, say) {
    let waiting = /** @type {T | null} */ (null);
    let visible = false;
    const begin = newest(async (signal, now) => {
      if (!now) return;
      root.setAttribute('aria-busy', 'true');
      await work(now, signal);
      signal.throwIfAborted();
      root.removeAttribute('aria-busy');
      say(null);
    });
    const look = () => {
      if (!visible || !waiting) return;
      const now = waiting;
      waiting = null;
      begin(now).catch(error => {
        root.removeAttribute('aria-busy'); // what came before the error is shown
        say(error);
      });
    };
    this.on(now => {
      begin(null); // ends what is at work on something earlier
      if (now.error) root.removeAttribute('aria-busy');
      else root.setAttribute('aria-busy', 'true'); // where there is nothing to wait for, what came before is shown
      waiting = ready(now) ? now : null;
      say(now.error ?? null);
      look();
    });
    new IntersectionObserver(entries => {
      visible = entries.at(-1).isIntersecting;
      look();
    }).observe(root);
  }
}
