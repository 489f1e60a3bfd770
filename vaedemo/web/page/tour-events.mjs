/** A guided stop asks a tab or a fold to show something. */
const events = new EventTarget();
/** @type {{tab: string, section: string, state: Record<string, string>} | null} */
let stop = null;

/** A guided stop asks this place to show something. @param {string} place  TAB/FOLD, or TAB/map for what the tab opens with
 * @param {(state: Record<string, string>) => void} hear */
export function onStop(place, hear) {
  const told = () => stop && `${stop.tab}/${stop.section}` === place && hear(stop.state);
  events.addEventListener('stop', told);
  told();
}

/** @param {{tab: string, section: string, state: Record<string, string>}} next */
export function setStop(next) {
  stop = next;
  events.dispatchEvent(new Event('stop'));
}
