/**
 * Pictures that no training digit looks like, 28 by 28, made here. Each fills the 20 x 20 box that reading would make
 * of it.
 */
import {examples} from '../../../../web/ui/digit-examples.mjs';
import {decoder} from '../../../../web/engine/model-store.mjs';
import {Painter} from '../../../../web/ui/painter.mjs';

const SIDE = 28;
const EDGE = 4;
const BOX = SIDE - 2 * EDGE;

/** A black picture. @returns {[HTMLCanvasElement, CanvasRenderingContext2D]} */
function black() {
  const canvas = Object.assign(document.createElement('canvas'), {width: SIDE, height: SIDE});
  const context = canvas.getContext('2d');
  context.fillRect(0, 0, SIDE, SIDE);
  context.imageSmoothingQuality = 'high';
  return [canvas, context];
}

/** An example of `digit`, drawn by the decoder. @param {number} digit */
async function example(digit) {
  const open = await decoder('digits');
  const canvas = document.createElement('canvas');
  const painter = new Painter(canvas, open.shape);
  await open.batch((await examples('digits'))[digit][0], 1, planes => painter.draw(planes));
  return canvas;
}

const any = () => Math.floor(10 * Math.random());
const file = canvas =>
  new Promise(resolve => {
    canvas.toBlob(resolve);
  });

/** What the buttons say, and the picture each makes. @type {Record<string, () => Promise<Blob>>} */
export const ODDITIES = {
  async Noise() {
    const [canvas, context] = black();
    for (let y = EDGE; y < SIDE - EDGE; y++)
      for (let x = EDGE; x < SIDE - EDGE; x++) {
        context.fillStyle = Math.random() < 0.5 ? '#fff' : '#000';
        context.fillRect(x, y, 1, 1);
      }
    return file(canvas);
  },

  /** Black on a white tile: all black on white would be read as ink on paper, and turned back. */
  async Inverted() {
    const [canvas, context] = black();
    context.drawImage(await example(any()), EDGE, EDGE, BOX, BOX, EDGE, EDGE, BOX, BOX);
    context.globalCompositeOperation = 'difference';
    context.fillStyle = '#fff';
    context.fillRect(EDGE, EDGE, BOX, BOX);
    return file(canvas);
  },

  /** Reading would put a shifted digit back into the middle; a turned one it leaves. */
  async 'On its side'() {
    const [canvas, context] = black();
    context.translate(SIDE / 2, SIDE / 2);
    context.rotate(Math.PI / 2);
    context.drawImage(await example([2, 3, 4, 5, 7][Math.floor(5 * Math.random())]), -SIDE / 2, -SIDE / 2);
    return file(canvas);
  },

  async 'Two digits'() {
    const [canvas, context] = black();
    for (const left of [0, SIDE / 2]) context.drawImage(await example(any()), left, SIDE / 4, SIDE / 2, SIDE / 2);
    return file(canvas);
  },

  async Scribble() {
    const [canvas, context] = black();
    const inside = () => EDGE + 1 + (BOX - 2) * Math.random();
    Object.assign(context, {strokeStyle: '#fff', lineWidth: 2, lineCap: 'round', lineJoin: 'round'});
    context.beginPath();
    context.moveTo(inside(), inside());
    for (let i = 0; i < 7; i++) context.quadraticCurveTo(inside(), inside(), inside(), inside());
    context.stroke();
    return file(canvas);
  },
};
