/** What browsers and Gradio have beyond TypeScript's own library. */

interface Window {
  /** What Gradio tells its page. */
  gradio_config: {
    components: {props: {elem_id?: string; label?: string}}[];
    space_id?: string;
  };
}

interface Element {
  /** CSS zoom, of browsers that know the standard's. */
  readonly currentCSSZoom?: number;
}
