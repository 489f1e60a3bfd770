/** The four models of the tab: one decoder architecture, four ways to teach it. */

/** @typedef {{name: string, title: string, encodes: boolean}} Racer  encodes: whether it has an encoder */

/** @type {Racer[]} */
export const MODELS = [
  {name: 'faces-vae', title: 'VAE', encodes: true},
  {name: 'faces-vae-dis', title: 'VAE with Dis_l', encodes: true},
  {name: 'faces-vae-gan', title: 'VAE/GAN', encodes: true},
  {name: 'faces-gan', title: 'GAN', encodes: false},
];
export const GAN = 'faces-gan';

/** Channels, height and width of a face. @type {[number, number, number]} */
export const SHAPE = [3, 64, 64];
/** How many numbers a z has. */
export const LATENTS = 64;
