/** Opens the first model while Gradio itself is still loading. */
import {decoder, facts} from '../engine/model-store.mjs';

// What fails here the page asks again, and says so. Where there are no weights yet, there is nothing to open.
facts('digits-2d')
  .then(() => decoder('digits-2d', 'hero'))
  .catch(() => {});
