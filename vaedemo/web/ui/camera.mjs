/** The camera behind a button: the first press shows what it sees, the second takes it. */

/**
 * @typedef {{facing: 'user' | 'environment', take: (photo: Blob | null) => void, seen: (on: boolean) => void, failed:
 *   () => void}} Options
 *   seen: the video came into view, or left it
 */

/**
 * @param {HTMLVideoElement} video
 * @param {HTMLButtonElement} button
 * @param {Options} options
 * @returns {{press: () => Promise<void>, stop: () => void}}
 */
export function cameraOf(video, button, {facing, take, seen, failed}) {
  let asked = 0;
  /** @param {MediaStream | null} stream */
  const end = stream => stream?.getTracks().forEach(track => track.stop());

  async function shoot() {
    if (!video.srcObject) {
      const mine = (asked += 1);
      const stream = await navigator.mediaDevices.getUserMedia({video: {facingMode: facing}});
      if (mine !== asked) return end(stream); // who asked has left, or taken another photo
      video.srcObject = stream;
      await video.play();
      turn(true);
      return;
    }
    const shot = Object.assign(document.createElement('canvas'), {
      width: video.videoWidth,
      height: video.videoHeight,
    });
    shot.getContext('2d').drawImage(video, 0, 0);
    stop();
    shot.toBlob(take, 'image/jpeg', 0.92);
  }

  function stop() {
    asked += 1;
    end(/** @type {MediaStream | null} */ (video.srcObject));
    video.srcObject = null;
    turn(false);
  }

  /** @param {boolean} on */
  function turn(on) {
    video.hidden = !on;
    button.textContent = on ? 'Take it' : 'Camera';
    seen(on);
  }

  /** One press at a time: while the browser asks for leave, a second would open a second stream. */
  async function press() {
    button.disabled = true;
    try {
      await shoot();
    } catch {
      stop();
      failed();
    } finally {
      button.disabled = false;
    }
  }

  new IntersectionObserver(([entry]) => {
    if (!entry.isIntersecting && (video.srcObject || button.disabled)) stop();
  }).observe(video.parentElement);
  return {stop, press};
}
