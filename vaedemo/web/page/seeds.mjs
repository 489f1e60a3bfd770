/** Seeds of draws: whole numbers from 0, and below SEEDS, as the server takes them. */

export const SEEDS = 1_000_000_000;

/** The seed after this one. @param {number} seed */
export const nextSeed = seed => (seed + 1) % SEEDS;
