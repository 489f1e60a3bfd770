/** What the architecture fold is made of, from left to right, and the Python that does the same. */
import {takeaway} from '../../../../web/page/fold.mjs';

/** @param {string} name */
const stage = name => `<figure class="stage" data-part="${name}"></figure>`;

/** @param {string} part @param {string} label @param {string} name  what it is, below it */
const end = (part, label, name) => `
<figure class="end" data-part="${part}">
  <canvas class="vd-ink" width="28" height="28" role="img" aria-label="${label}"></canvas>
  <figcaption><span>${name}</span><span>28 × 28</span></figcaption>
</figure>`;

/** @param {string} name @param {string} title @param {string[]} stages */
const block = (name, title, stages) => `
<div class="block ${name}"><h4>${title}</h4><div class="stages">${stages.map(stage).join('')}</div></div>`;

const arrow = '<i class="arrow" aria-hidden="true"></i>';

const codes = `
<div class="codes">
  <h4 data-part="source"></h4>
  <dl data-part="q">
    <dt>mean</dt><dd data-part="mean"></dd>
    <dt>+ sigma</dt><dd data-part="sigma"></dd>
  </dl>
  <dl data-part="z">
    <dt class="noise">· eps</dt><dd class="noise" data-part="eps"></dd>
    <dt data-part="equals">= z</dt><dd data-part="code"></dd>
  </dl>
  <button type="button" class="vd-main" data-act="throw" data-part="throw"></button>
</div>`;

export const TEMPLATE = `
<div class="vd-net" data-encoder="on">
  <div class="vd-row vd-controls">
    <button type="button" class="vd-quiet" data-act="remove" data-part="remove"></button>
    <label>Model <select><option>digits-2d</option><option>digits</option></select></label>
    <span class="vd-row" data-part="examples" role="group" aria-label="Pick an example digit"></span>
  </div>
  <p class="time" data-part="time" role="status"></p>
  <div class="whole">
    <div class="half" data-part="left" title="Drag the encoder away">
      ${end('x', 'The picture x', 'picture x')}${arrow}${block('encoder', 'Encoder', ['e14', 'e7'])}${arrow}
    </div>
    <div class="half" data-part="right">
      ${codes}${arrow}${block('decoder', 'Decoder', ['d7', 'd14', 'd28'])}${arrow}
      ${end('picture', "The decoder's picture of z", 'mean of p(x|z)')}
    </div>
  </div>
  <p class="vd-note">Of each stage the 16 maps that vary most; the more color, the more active. The last map, through a
    sigmoid, is the picture.</p>
  <p class="vd-note" data-part="hidden" hidden>The server decodes for this browser, and does not send the decoder's
    maps.</p>
  <div class="vd-row">${takeaway('png', 'code', 'badge')}</div>
  <p class="vd-trouble" role="status"></p>
</div>`;

const ENCODED = `x = torch.from_numpy(preprocessing.to_digit(preprocessing.read("digit.png")))[None]  # (1, 1, 28, 28)
q = model.encode(x)              # Independent Normal
z = q.mean + q.stddev * eps`;

/** @param {{model: string, hasEncoder: boolean, seed: number}} net */
export const python = ({model, hasEncoder, seed}) => `import torch
import vaedemo
${hasEncoder ? 'from vaedemo.vision import preprocessing\n' : ''}from vaedemo.latents import draw

model = vaedemo.load("${model}")
eps = torch.from_numpy(draw(1, model.z, seed=${seed}))  # from N(0, I)
${hasEncoder ? ENCODED : 'z = eps                          # test time: no encoder'}
maps = []                        # what every layer of the decoder holds
for layer in model.decoder:
    layer.register_forward_hook(lambda layer, given, answer: maps.append(answer))
picture = model.render(model.decode(z))  # (1, 1, 28, 28), the mean of p(x|z)
`;
