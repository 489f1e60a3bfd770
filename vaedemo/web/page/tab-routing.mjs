/** The open tab, in the address: a link opens where it was copied. */
import * as address from './url-state.mjs';
import {openTab} from './tour-stage.mjs';

/** Opens the tab that the link names, then follows what is opened. */
export async function followTabs() {
  const names = window.gradio_config.components
    .map(({props}) => props.elem_id)
    .filter(id => id?.startsWith('tab-'))
    .map(id => id.slice('tab-'.length));
  const linked = address.choice('tab', names);
  if (linked !== names[0] && address.get('stop') === null) await openTab(linked);
  // Gradio tells nobody which tab it shows; a hidden one has no box.
  const note = () =>
    setTimeout(() => {
      const open = names.find(name => document.getElementById(`tab-${name}`)?.offsetParent);
      if (open && open !== (address.get('tab') ?? names[0])) address.set({tab: open === names[0] ? null : open});
    }, 100);
  // The whole page is heard: the header may be there before the tabs are.
  for (const hand of ['click', 'keyup']) document.addEventListener(hand, note);
}
