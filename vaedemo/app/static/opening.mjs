/** Opens the first model while Gradio itself is still loading. */
import {decoder} from '../static/models.mjs';

decoder(new URL('.', document.baseURI).href, 'digits-2d').catch(() => {}); // the page asks again, and says so
