/** log p(x) as a line, and bars below it: the ELBO of each q, and the gap that is left. */

/** @typedef {{name: string, label: string, elbo: number}} Bar  nats */

const SPANS = [3, 10, 30, 100, 300, 1000, 3000, 10_000]; // nats that the scale may hold
export const nats = value => value.toFixed(Math.abs(value) < 1000 ? 1 : 0).replace('-', '−');
/** A gap that is small is told to a hundredth: it is what one plays for. */
export const gapOf = value => `${value.toFixed(value < 10 ? 2 : 1)} nats`;

/**
 * @param {HTMLElement} element  made new only where the bars are others, so that dragging lays nothing out anew
 * @param {number} logP @param {Bar[]} bars
 */
export function showBound(element, logP, bars) {
  const most = Math.max(...bars.map(({elbo}) => logP - elbo));
  const span = SPANS.find(span => span >= most * 1.02) ?? SPANS.at(-1);
  const names = bars.map(({name}) => name).join();
  if (element.dataset.names !== names) {
    element.dataset.names = names;
    element.innerHTML = `<p class="top"><b></b></p>${bars
      .map(
        ({name, label}) =>
          `<div class="row ${name}"><span class="label">${label}</span><span class="track"><i class="elbo"></i><i class="gap"></i></span><span class="words"></span></div>`,
      )
      .join('')}<p class="scale"></p>`;
  }
  element.querySelector('.top b').textContent = `log p(x) = ${nats(logP)} nats`;
  bars.forEach(({name, elbo}) => {
    const row = element.querySelector(`.row.${name}`);
    const gap = Math.max(0, logP - elbo);
    const share = Math.min(1, gap / span);
    row.querySelector('.elbo').style.scale = `${1 - share} 1`;
    row.querySelector('.gap').style.scale = `${share} 1`;
    row.querySelector('.words').textContent = `ELBO ${nats(elbo)}, gap ${gapOf(logP - elbo)}`;
  });
  element.querySelector('.scale').textContent =
    `The track is ${span.toLocaleString('en')} nats long and ends at log p(x); hatched is what is missing.`;
}
