/** The model whose plane of two latents is summed, and the size of its pictures. */
export const MODEL = 'digits-2d';
export const SIDE = 28; // pixels
