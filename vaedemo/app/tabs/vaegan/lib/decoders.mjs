/** The four models' decoders for one hand, and a column of the page for each. */
import {decoderOf, facts} from '../../../../web/engine/model-store.mjs';
import {MODELS} from './models.mjs';

/**
 * @typedef {import('../../../../web/engine/live-decoder.mjs').LiveDecoder} LiveDecoder
 * @typedef {import('../../../../web/page/fold.mjs').Mounted} Mounted
 */

/**
 * A column for each model, with a line for what is to say of it.
 * @param {(name: string, title: string) => string} inside  HTML of ours
 */
export const columns = inside => `
<div class="vd-racers">
  ${MODELS.map(
    ({name, title}) => `
  <section data-model="${name}">
    <h3>${title}</h3>
    ${inside(name, title)}
    <p class="vd-note" role="status" data-part="said-${name}"></p>
  </section>`,
  ).join('')}
</div>`;

/** Places for the models' badges, in a row of buttons. */
export const BADGES = MODELS.map(({name}) => `<span data-part="badge-${name}"></span>`).join('');

/**
 * Opens the decoders, and puts the badges in place. Of a model that cannot be had its column says so.
 * @param {Mounted} mounted  its template has `columns` and BADGES
 * @param {string} hand  see model-store.mjs
 * @returns {Promise<Map<string, LiveDecoder>>}  by model, in their order
 */
export async function openAll(mounted, hand) {
  const opened = await Promise.all(
    MODELS.map(async ({name}) => {
      try {
        const open = await decoderOf(name, hand);
        mounted.badge(name, `badge-${name}`);
        return /** @type {[string, LiveDecoder]} */ ([name, open]);
      } catch (error) {
        mounted.part(`said-${name}`).textContent = /** @type {Error} */ (error).message;
        return null;
      }
    }),
  );
  return new Map(opened.filter(one => one !== null));
}

/** The measured figures of those models that can be had, by model. @param {Iterable<string>} names */
export async function metricsOf(names) {
  const all = await Promise.all([...names].map(async name => [name, (await facts(name)).metrics]));
  return /** @type {Record<string, Record<string, any>>} */ (Object.fromEntries(all));
}

/** Names of models as a Python tuple. @param {Iterable<string>} names */
export const tuple = names => `(${[...names].map(name => `"${name}",`).join(' ')})`;
