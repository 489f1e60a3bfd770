/** Opens the first model while Gradio itself is still loading. */
import {decoder, facts} from '../static/models.mjs';

const base = new URL('.', document.baseURI).href;
// What fails here the page asks again, and says so. Where there are no weights yet, there is nothing to open.
facts(base, 'digits-2d').then(() => decoder(base, 'digits-2d', 'hero')).catch(() => {});
