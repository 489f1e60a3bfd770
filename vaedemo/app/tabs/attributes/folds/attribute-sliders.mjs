/** Attribute sliders on a face: z stays, the description changes; z changes, the description stays. */
import {prefersReducedMotion} from '../../../../web/page/dom.mjs';
import {saveGif, savePng} from '../../../../web/page/downloads.mjs';
import {mountFold, takeaway} from '../../../../web/page/fold.mjs';
import {nextSeed} from '../../../../web/page/seeds.mjs';
import {showCode} from '../../../../web/ui/code-dialog.mjs';
import {ConditionSliders} from '../../../../web/ui/condition-sliders.mjs';
import {Painter} from '../../../../web/ui/painter.mjs';
import {moveByItself} from '../../../../web/ui/self-motion.mjs';
import {decoded} from '../../../../web/ui/side-by-side.mjs';
import {describe, describedFace, drawing, opened, people, python} from '../lib/described-face.mjs';
import {discreet, passing, words} from '../lib/descriptions.mjs';
import {MovedList} from '../lib/moved-list.mjs';
import {SWITCH, followDrawer} from '../lib/smooth-switch.mjs';

/**
 * @typedef {import('../../../../web/page/fold.mjs').Mounted} Mounted
 * @typedef {import('../lib/described-face.mjs').Face} Face
 * @typedef {import('../lib/described-face.mjs').Faces} Faces
 * @typedef {import('../lib/described-face.mjs').Hand} Hand
 */
const FRAMES = 24;
const SWING_MS = 5000;

const TEMPLATE = `
<div class="vd-faces">
  <div class="stage">
    <figure class="vd-figure">
      <canvas class="vd-photo" data-part="picture" width="64" height="64" role="img"></canvas>
      <figcaption data-part="words"></figcaption>
      <div class="vd-row vd-controls">
        <button type="button" class="vd-main" data-act="dice">Another person</button>
        <button type="button" class="vd-quiet" data-act="undo" disabled>Undo</button>
        ${SWITCH}
      </div>
      <div class="vd-row">
        ${takeaway('png')}
        <button type="button" class="vd-quiet" data-act="gif" title="The slider pulled last, there and back">
          GIF</button>
        ${takeaway('code', 'badge')}
      </div>
    </figure>
    <div data-part="knobs"></div>
    <div>
      <h3 class="vd-note">What else moved</h3>
      <ul class="moved" data-part="moved"></ul>
      <p class="vd-note">A net that no model learned from reads the face before and after the last pull:
        from −1, surely not there, to 1, surely there.</p>
    </div>
  </div>
</div>`;

export const mount = mountFold({template: TEMPLATE, setup});

/** @param {Mounted} mounted */
async function setup(mounted) {
  const swinging = !prefersReducedMotion() && !mounted.state.given('asked');
  const faces = await opened().catch(mounted.showError);
  if (!faces) return;
  const first = /** @type {Face} */ (describedFace.value); // opened() has published it
  const sliders = new Sliders(mounted, faces, first, swinging);
  followDrawer(mounted, () => sliders.redraw());
  describedFace.subscribe((face, hand) => sliders.take(face, hand));
  mounted.followConnection();
  mounted.acts(sliders.acts());
  mounted.onStop(({face}) => face && sliders.another(Number(face)));
  if (swinging) sliders.swing();
}

/** A face, the sliders of its description, and what a pull of one has changed. */
class Sliders {
  #mounted;
  #faces;
  #picture;
  #painter;
  #knobs;
  #moved;
  #face;
  /** What Undo brings back, and what the reader compares with. @type {Face | null} */
  #before = null;
  #pulled = -1; // since then
  #last = 0; // the slider that moved last
  #swinging;

  /** @param {Mounted} mounted @param {Faces} faces @param {Face} first @param {boolean} swinging  until a hand comes */
  constructor(mounted, faces, first, swinging) {
    this.#mounted = mounted;
    this.#faces = faces;
    this.#face = first;
    this.#swinging = swinging;
    this.#picture = mounted.part('picture', HTMLCanvasElement);
    this.#painter = new Painter(this.#picture, faces.shape, {crisp: false});
    this.#moved = new MovedList(mounted.part('moved'), faces.labels);
    this.#knobs = new ConditionSliders(mounted.part('knobs'), {
      labels: faces.labels,
      values: Array(faces.labels.length).fill(-1),
      onMove: (y, i, byHand) => this.#pull(y, i, byHand),
    });
  }

  /** A slider moves. @param {number[]} y @param {number} i @param {boolean} byHand */
  #pull(y, i, byHand) {
    this.#last = i;
    if (byHand) {
      this.#swinging = false;
      if (this.#pulled !== i) this.#before = this.#face;
      this.#pulled = i;
    }
    describe({y: [...y]}, byHand ? 'slider' : 'swing');
  }

  /** The face changed, here or elsewhere. @param {Face} face @param {Hand} [hand]  none: it is the first */
  take(face, hand) {
    const was = this.#face;
    this.#face = face;
    if (hand && hand !== 'swing') this.#swinging = false; // the hand took this face elsewhere
    if (hand !== 'slider' && hand !== 'swing') {
      if (hand === 'undo') this.#before = null;
      else if (hand && hand !== 'dice') this.#before = was;
      this.#pulled = -1;
      this.#knobs.place(face.y);
    }
    this.#mounted.button('undo').disabled = !this.#before;
    this.#show();
    if (!this.#swinging) this.#compare();
  }

  #show() {
    const {seed, z, y} = this.#face;
    const {names, labels} = this.#faces;
    const said = words(labels, seed < 0 ? discreet(names, y) : y);
    this.#mounted.part('words').textContent = said;
    this.#picture.setAttribute('aria-label', `A face drawn by ${drawing().name}: ${said}`);
    const decoder = drawing();
    decoder.show([...z, ...y], planes => {
      if (decoder !== drawing()) return; // the other one came late
      this.#painter.draw(planes);
      this.#picture.dataset.drawn = decoder.place;
    });
  }

  #compare() {
    this.#moved.soon(() => ({
      model: drawing().name,
      before: this.#before,
      after: this.#face,
      pulled: this.#pulled,
    }));
  }

  /** Another decoder draws. */
  redraw() {
    this.#show();
    this.#compare();
  }

  /** Another z, the same description. @param {number} seed */
  async another(seed) {
    this.#swinging = false;
    const [z] = await people(this.#faces.latents, seed, 1);
    this.#before = this.#face;
    this.#pulled = -1;
    describe({seed, row: 0, z}, 'dice');
  }

  /** Until the hand comes, the first slider swings by itself. */
  swing() {
    const going = () => this.#swinging;
    moveByItself(this.#mounted.root, going, spent =>
      this.#knobs.pull(0, -Math.cos((2 * Math.PI * spent) / SWING_MS), false),
    );
  }

  acts() {
    return {
      dice: () => this.another(nextSeed(Math.max(0, this.#face.seed))),
      undo: () => this.#before && describe(this.#before, 'undo'),
      png: () => savePng('face.png', this.#picture, 8),
      gif: () => this.#savePull(),
      code: () => showCode(python(drawing().name, this.#faces.names, this.#face)),
    };
  }

  /** The slider that moved last, there and back, as a GIF. */
  async #savePull() {
    const {labels} = this.#faces;
    const open = drawing();
    const {z, y} = this.#face;
    const name = `${labels[this.#last].replaceAll(' ', '-')}.gif`;
    const vectors = passing(y, this.#last, FRAMES).map(told => [...z, ...told]);
    const [channels, height, width] = open.shape;
    const planes = await decoded({open}, vectors);
    await saveGif(name, planes, {channels, height, width, scale: 4, back: true});
    this.#mounted.showError(null);
  }
}
