/**
 * Ends a loop of Gradio's. The sign by which it says that the page is loading counts its seconds in every frame, and
 * goes on when the sign is gone: a page at rest would keep a twentieth of a core busy, and a phone awake.
 *
 * Its text stands in the page's head (vaedemo/app/server/preload.py), since Gradio takes the function when it loads. A
 * Gradio that counts otherwise is left alone.
 */
{
  const SIGN = '[data-testid="status-tracker"]:not(.hide)';
  const COUNTS = /performance\.now\(\)-.+\/1e3/;
  const frame = window.requestAnimationFrame.bind(window);
  window.requestAnimationFrame = callback =>
    COUNTS.test(String(callback)) && !document.querySelector(SIGN) ? 0 : frame(callback);
}
