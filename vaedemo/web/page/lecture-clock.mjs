/** The lecture's clock: when each stop is due, and how a time is written. */

const MINUTE = 60_000;

/** When the stop begins in the planned lecture, in ms. @param {{minutes: number}[]} stops @param {number} index */
export const due = (stops, index) => MINUTE * stops.slice(0, index).reduce((sum, {minutes}) => sum + minutes, 0);

/** The whole lecture's length in ms. @param {{minutes: number}[]} stops */
export const lasts = stops => due(stops, stops.length);

/** A time as minutes and seconds, such as 1:05. @param {number} ms */
export function written(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

/**
 * What there is to say of the time, at the stop and in the lecture.
 * @param {{minutes: number}[]} stops
 * @param {{at: number, since: number, zero: number}} shown  the stop; when it was turned to, and when the lecture
 *   began or, begun at a later stop, would have begun: in ms, as Date.now() tells
 * @param {number} now
 */
export function times(stops, {at, since, zero}, now) {
  const planned = MINUTE * stops[at].minutes;
  return {
    stop: `${written(now - since)} / ${written(planned)}`,
    lecture: `${written(now - zero)} / ${written(lasts(stops))}`,
    plan: `planned here: ${written(due(stops, at))} to ${written(due(stops, at) + planned)}`,
    isOver: now - since > planned,
  };
}
