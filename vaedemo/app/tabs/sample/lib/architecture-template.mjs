/** What the architecture section is made of, from left to right, and the Python that does the same. */
const stage = name => `<figure class="stage" data-part="${name}"></figure>`;
const arrow = '<i class="arrow" aria-hidden="true"></i>';

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
      <figure class="end" data-part="x"><canvas class="vd-ink" width="28" height="28" role="img" aria-label="The picture x"></canvas>
        <figcaption><span>picture x</span><span>28 × 28</span></figcaption></figure>
      ${arrow}
      <div class="block encoder"><h4>Encoder</h4><div class="stages">${stage('e14')}${stage('e7')}</div></div>
      ${arrow}
    </div>
    <div class="half" data-part="right">
      <div class="codes">
        <h4 data-part="source"></h4>
        <dl data-part="q"><dt>mean</dt><dd data-part="mean"></dd><dt>+ sigma</dt><dd data-part="sigma"></dd></dl>
        <dl data-part="z"><dt class="noise">· eps</dt><dd class="noise" data-part="eps"></dd><dt data-part="equals">= z</dt><dd data-part="code"></dd></dl>
        <button type="button" class="vd-main" data-act="throw" data-part="throw"></button>
      </div>
      ${arrow}
      <div class="block decoder"><h4>Decoder</h4><div class="stages">${stage('d7')}${stage('d14')}${stage('d28')}</div></div>
      ${arrow}
      <figure class="end" data-part="picture"><canvas class="vd-ink" width="28" height="28" role="img" aria-label="The decoder's picture of z"></canvas>
        <figcaption><span>mean of p(x|z)</span><span>28 × 28</span></figcaption></figure>
    </div>
  </div>
  <p class="vd-note">Of each stage the 16 maps that vary most; the more color, the more active. The last map, through a sigmoid, is the picture.</p>
  <p class="vd-note" data-part="hidden" hidden>The server decodes for this browser, and does not send the decoder's maps.</p>
  <div class="vd-row"><button type="button" class="vd-quiet" data-act="png">PNG</button>
    <button type="button" class="vd-quiet" data-act="code">Code</button><span data-part="badge"></span></div>
  <p class="vd-trouble" role="status"></p>
</div>`;

const ENCODED = `x = torch.from_numpy(preprocessing.to_digit(preprocessing.read("digit.png")))[None]  # (1, 1, 28, 28)
q = model.encode(x)              # Independent Normal
z = q.mean + q.stddev * eps`;

/** @param {{model: string, encoder: string, throw: number}} state */
export const code = ({model, encoder, throw: seed}) => `import torch
import vaedemo
${encoder === 'on' ? 'from vaedemo.vision import preprocessing\n' : ''}from vaedemo.latents import draw

model = vaedemo.load("${model}")
eps = torch.from_numpy(draw(1, model.z, seed=${seed}))  # from N(0, I)
${encoder === 'on' ? ENCODED : 'z = eps                          # test time: no encoder'}
maps = []                        # what every layer of the decoder holds
for layer in model.decoder:
    layer.register_forward_hook(lambda layer, given, answer: maps.append(answer))
picture = model.render(model.decode(z))  # (1, 1, 28, 28), the mean of p(x|z)
`;
