/**
 * mountFold(): what every hero and every fold of a tab begins with. It owns the template, the line of errors, the row
 * of what can be taken away, the clicks on buttons, this place's part of the address, and the stops of the tour.
 */
import {connection, facts} from '../engine/model-store.mjs';
import {HAS_SERVER} from '../engine/root.mjs';
import {badge} from '../ui/model-badge.mjs';
import {around, dom, query, queryAll} from './dom.mjs';
import {RequestError} from './request.mjs';
import {onStop} from './tour-events.mjs';
import {UrlState} from './url-state.mjs';

/**
 * @typedef {{tab: string, fold: string | null}} Place  fold: null for what the tab opens with
 * @typedef {(button: HTMLElement, event: Event) => unknown} Act  may return a promise, whose error is shown
 */

/** What setup() gets. */
export class Mounted {
  /** @type {Record<string, Act>} */
  #acts = {};
  #trouble;

  /**
   * @param {HTMLElement} root  the template's
   * @param {Element | null} first  what was there at first paint
   * @param {Place} place
   */
  constructor(root, first, place) {
    this.root = root;
    this.first = first;
    this.place = place;
    /** This place's part of the address. */
    this.state = new UrlState(place);
    /** The tab's part, which its folds share. */
    this.tabState = new UrlState({...place, fold: null});
    const trouble = root.querySelector('.vd-trouble');
    this.#trouble = trouble ?? dom('<p class="vd-trouble" role="status"></p>');
    if (!trouble) root.append(this.#trouble);
    root.addEventListener('click', event => this.#click(event));
  }

  /**
   * The element with data-part="name".
   * @template {Element} [T=HTMLElement]
   * @param {string} name
   * @param {new () => T} [kind]  its class, e.g. HTMLCanvasElement
   * @returns {T}
   */
  part(name, kind) {
    return query(this.root, `[data-part="${name}"]`, kind);
  }

  /** The button with data-act="name". @param {string} name */
  button(name) {
    return query(this.root, `[data-act="${name}"]`, HTMLButtonElement);
  }

  /**
   * What the buttons do: a click anywhere in one with data-act="name" calls acts[name]; an error of it is shown.
   * @param {Record<string, Act>} acts
   */
  acts(acts) {
    this.#acts = {...this.#acts, ...acts};
  }

  /** @param {Event} event */
  async #click(event) {
    const button = around(event, '[data-act]');
    if (!button || !this.root.contains(button)) return;
    try {
      await this.#acts[button.dataset.act ?? '']?.(button, event);
    } catch (error) {
      this.showError(/** @type {Error} */ (error));
    }
  }

  /**
   * Says what went wrong, or what is under way; null: nothing. That something was given up is not said.
   * Bound, so that it can be handed on: promise.catch(showError).
   * @param {Error | string | null | undefined} error
   */
  showError = error => {
    const words = error instanceof Error ? error.message : (error ?? '');
    const silent = error instanceof Error && error.name === 'AbortError';
    this.#trouble.textContent = silent ? '' : words;
  };

  /**
   * The badge of a model, in the part "badge" unless another is named; none where it cannot be had.
   * @param {string} model
   * @param {string} [part]
   */
  badge(model, part = 'badge') {
    badge(this.part(part), model).catch(() => {});
  }

  /** Says it where a model cannot be had: a decoder would ask for it for ever. @param {string} model */
  needs(model) {
    facts(model).catch(this.showError);
  }

  /**
   * Says it while the server does not answer the decoders, or, without one, why they do not start.
   * @param {() => unknown} [isWanted]  whether the line of errors is free for it
   */
  followConnection(isWanted = () => true) {
    connection.subscribe(error => {
      const words = HAS_SERVER ? 'The server does not answer; trying again.' : error?.message;
      if (isWanted()) this.showError(error && words);
    });
  }

  /**
   * The tour asks this place to show something; an error of it is shown.
   * @param {(state: Record<string, string>) => unknown} hear  may return a promise
   */
  onStop(hear) {
    onStop(this.place, async state => {
      try {
        await hear(state);
      } catch (error) {
        this.showError(/** @type {Error} */ (error));
      }
    });
  }

  /** Calls `look` whenever the place comes into view or leaves it. @param {(visible: boolean) => void} look */
  onVisible(look) {
    new IntersectionObserver(entries => look(entries[entries.length - 1].isIntersecting)).observe(this.root);
  }

  /** All elements that the selector finds. @template {Element} [T=HTMLElement] @param {string} selector */
  all(selector, /** @type {(new () => T) | undefined} */ kind = undefined) {
    return queryAll(this.root, selector, kind);
  }
}

const BUTTONS = {
  png: '<button type="button" class="vd-quiet" data-act="png">PNG</button>',
  gif: '<button type="button" class="vd-quiet" data-act="gif">GIF</button>',
  code: '<button type="button" class="vd-quiet" data-act="code">Code</button>',
  badge: '<span data-part="badge"></span>',
};

/**
 * Buttons for a template: what can be taken away, and the model's badge.
 * @param {(keyof typeof BUTTONS)[]} what
 */
export const takeaway = (...what) => what.map(name => BUTTONS[name]).join('\n');

/**
 * The module's mount(): puts the template in place, then calls setup(). What setup() throws is shown in the error line.
 * @param {{template?: string, setup: (mounted: Mounted) => unknown}} options  template: none where the first paint,
 *   HTML of the tab's tab.py, is already all there is
 * @returns {(element: HTMLElement, place: Place) => Promise<void>}
 */
export const mountFold = ({template, setup}) =>
  async function mount(element, place) {
    const host = query(element, '[data-mount]');
    const root = template === undefined ? host : dom(template);
    const mounted = new Mounted(root, host.firstElementChild, place);
    if (root !== host) host.replaceChildren(root);
    try {
      await setup(mounted);
    } catch (error) {
      mounted.showError(/** @type {Error} */ (error));
      if (!(error instanceof RequestError)) console.error(error); // a fault of ours
    }
  };
