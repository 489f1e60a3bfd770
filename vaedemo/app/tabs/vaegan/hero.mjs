/** One portrait through all models at once: encoders answer in one step; for the GAN's z one has to search. */
import {savePng} from '../../../web/page/downloads.mjs';
import {mountFold} from '../../../web/page/fold.mjs';
import {newest} from '../../../web/page/request.mjs';
import {showCode} from '../../../web/ui/code-dialog.mjs';
import {FacePhotoInput} from '../../../web/ui/face-photo-input.mjs';
import {beside} from '../../../web/ui/side-by-side.mjs';
import {Answers} from './lib/answers.mjs';
import {EXAMPLES} from './lib/examples.mjs';
import {TEMPLATE} from './lib/hero-template.mjs';
import {MODELS} from './lib/models.mjs';
import {encodePortrait, portrait} from './lib/portrait.mjs';
import {pythonOf} from './lib/python.mjs';
import {SearchView} from './lib/search-view.mjs';

/** @typedef {import('../../../web/page/fold.mjs').Mounted} Mounted */

const POINT = 'No face was found. Click the two eyes in your photo, one after the other.';
const LOOKING = 'Looking for a face …';
const SLOW_MS = 300;

export const mount = mountFold({template: TEMPLATE, setup});

/** @param {Mounted} mounted */
function setup(mounted) {
  const answers = new Answers(mounted);
  const search = new SearchView(mounted, answers);
  const {state} = mounted;
  answers.waitWith(mounted.first, state.given('photo'));
  const names = EXAMPLES.map(({name}) => name);
  const take = taker(mounted, search, example => state.set({photo: example === names[0] ? null : example}));
  const box = new FacePhotoInput(
    mounted.part('box'),
    mounted.root,
    EXAMPLES,
    take.take,
    state.choice('photo', names),
  );
  take.follow(box);
  portrait.subscribe(face => {
    answers.show(face).catch(mounted.showError);
    search.arrived(face);
  });
  mounted.acts({
    search: () => search.again(),
    stop: () => search.stop(),
    undo: () => search.undo(),
    png: () => savePng('one-photo-for-all.png', beside(answers.canvases), 4),
    gif: () => search.saveGif(),
    code: () => showCode(pythonOf(search.seed)),
  });
  mounted.onVisible(visible => search.look(visible));
  mounted.followConnection();
  for (const {name} of MODELS) mounted.badge(name, `badge-${name}`);
  mounted.onStop(({photo}) => photo && box.choose(photo));
}

/**
 * What becomes of a photo in the box: its face is published, or it is said why there is none.
 * @param {Mounted} mounted @param {SearchView} search @param {(example: string | null) => void} keep
 */
function taker({showError}, search, keep) {
  /** @type {FacePhotoInput | null} */
  let box = null;
  /** @typedef {import('../../../web/ui/face-photo-input.mjs').Take} Take */
  const read = newest(async (signal, /** @type {Parameters<Take>} */ ...[blob, eyes, example]) => {
    search.stop(); // a newer photo has come
    const slow = setTimeout(() => showError(LOOKING), SLOW_MS);
    const face = await encodePortrait(blob, eyes, signal).finally(() => clearTimeout(slow));
    signal.throwIfAborted();
    keep(example);
    if (!face) {
      box?.ask();
      showError(POINT);
      return;
    }
    showError(null);
    box?.mark(face.eyes);
    portrait.publish(face);
  });
  return {
    follow: (/** @type {FacePhotoInput} */ one) => {
      box = one;
    },
    /** @type {Take} */
    take: async (...photo) => {
      try {
        await read(...photo);
        return true;
      } catch (error) {
        showError(/** @type {Error} */ (error));
        return false;
      }
    },
  };
}
