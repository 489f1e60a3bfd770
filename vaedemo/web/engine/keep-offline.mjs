/**
 * A page without a server works offline by its service worker, which keeps what passes through it. In a first visit
 * much is fetched before it is there, and the workers that decode are older than it: what they fetch passes by.
 */
import {HAS_SERVER, ROOT} from './root.mjs';

const service = HAS_SERVER ? undefined : globalThis.navigator?.serviceWorker;
const isEarly = !service?.controller;
/** @type {Set<string>} */
const kept = new Set();

/**
 * Fetches once more what was fetched past the service worker, out of the browser's own cache, so that it is kept.
 * @param {string} url
 */
export async function keepOffline(url) {
  if (!service || !isEarly || kept.has(url)) return;
  kept.add(url);
  await service.ready;
  if (!service.controller)
    await new Promise(resolve => service.addEventListener('controllerchange', resolve, {once: true}));
  await fetch(url).catch(() => {}); // then it is not there offline
}

/** The same of all that the page itself has fetched so far. */
export function keepSeen() {
  for (const {name} of performance.getEntriesByType('resource')) if (name.startsWith(ROOT)) keepOffline(name);
}
