/** What the page says of a training, in sentences, and as PyTorch. */
import {DEAD} from '../../../../web/engine/training-run.mjs';

/**
 * @typedef {import('../../../../web/engine/training-run.mjs').Frame} Frame
 * @typedef {import('../../../../web/engine/vae-trainer.mjs').Settings} Settings
 */

/** @param {number} value */
const short = value => String(Number(value.toPrecision(2)));

/** What beta means. @param {Settings} settings */
export function betaWords({beta, noise}) {
  if (!noise) return 'Without noise there is no rate to pay: this is a plain autoencoder, and beta does nothing.';
  if (beta === 0) return 'Beta 0: the rate is free, so the codes drift apart.';
  if (beta === 1) return 'Beta 1: the loss is minus the ELBO.';
  return `Beta ${short(beta)}: a nat of rate costs as much as ${short(beta)} nats of distortion.`;
}

/**
 * What there is to notice, or nothing.
 * @param {Frame} frame @param {Settings} settings
 */
export function noticed(frame, settings) {
  const overshot = `The loss ran away: at learning rate ${settings.rate} each step overshoots.`;
  if (frame.diverged) return `${overshot} Choose a smaller one, then press Again.`;
  const dead = frame.rates.filter(rate => rate < DEAD).length;
  if (!settings.noise || frame.steps < 200 || !dead) return '';
  const all = dead === frame.rates.length;
  const mend = settings.warmup ? 'Lower beta.' : 'Lower beta, or begin again with warm-up.';
  if (all) return `Every latent is dead: q(z|x) is the prior for all digits. That is posterior collapse. ${mend}`;
  const share = `${dead} of ${frame.rates.length} latents`;
  return `${share} are dead (grey): for them q(z|x) is the prior, and the decoder ignores them.`;
}

/**
 * The same net and the same step in PyTorch; the file is what the page saves.
 * @param {{z: number, hidden: number}} form @param {Settings} settings
 */
export const python = ({z, hidden}, {beta, rate, noise, warmup}) => `import torch
from safetensors.torch import load_file
from torch import nn
from torch.nn import functional as F

encoder = nn.Sequential(nn.Linear(784, ${hidden}), nn.ReLU(), nn.Linear(${hidden}, ${2 * z}))
decoder = nn.Sequential(nn.Linear(${z}, ${hidden}), nn.ReLU(), nn.Linear(${hidden}, 784))
vae = nn.ModuleDict({"encoder": encoder, "decoder": decoder})
vae.load_state_dict(load_file("vae.safetensors"))  # the button "Model" saves it
picture = decoder(torch.zeros(1, ${z})).sigmoid().view(28, 28)  # the mean of p(x|z) in the map's middle

# A step of its training; x: zeros and ones, (128, 784)
optimizer = torch.optim.Adam(vae.parameters(), lr=${rate})


def step(x: torch.Tensor${warmup ? `, number: int` : ''}) -> None:
    mean, log_var = encoder(x).chunk(2, dim=1)
    log_var = log_var.clamp(-12, 6)
    z = mean${noise ? ' + (0.5 * log_var).exp() * torch.randn_like(mean)' : ''}
    distortion = F.binary_cross_entropy_with_logits(decoder(z), x, reduction="none").sum(1).mean()
${
  noise
    ? `    rate = 0.5 * (mean**2 + log_var.exp() - 1 - log_var).sum(1).mean()
    loss = distortion + ${beta}${warmup ? ` * min(1, number / ${warmup})` : ''} * rate`
    : '    loss = distortion'
}
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
`;
