/** Between the page that is presented and the window of the lecturer's notes: what is shown, and who turns it. */
import {ROOT} from '../engine/root.mjs';

/**
 * @typedef {{at: number, since: number, zero: number}} Shown  see times() of lecture-clock.mjs
 * @typedef {{shown: Shown} | {turn: number} | {ask: true}} Message  turn: by how many stops; ask: what is shown?
 */

/** A channel of this page alone: an origin may hold several. @param {(message: Message) => void} hear */
export function tourChannel(hear) {
  const channel = new BroadcastChannel(`vaedemo tour ${ROOT}`);
  channel.addEventListener('message', ({data}) => hear(data));
  return {
    /** @param {Message} message */
    send: message => channel.postMessage(message),
  };
}
