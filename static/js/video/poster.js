// A frame of a video as its thumbnail. Drawn here: the server stores videos as they come.
const WIDTH = 256;
const TIMEOUT_MS = 10_000;
// The first frame is often black.
const AT_SECONDS = 0.5;

/** Whether a file is a video. All have the ending of their format. */
export const isVideo = ({ name }) => name.endsWith(".mp4");

const once = (video, name) => new Promise((done, failed) => {
  video.addEventListener(name, done, { once: true });
  video.addEventListener("error", () => failed(new Error(video.error?.message)), { once: true });
  setTimeout(() => failed(new Error(`no ${name}`)), TIMEOUT_MS);
});

/** Return a small JPEG of a video, undefined if this browser can't play it. */
export async function poster(blob) {
  const video = Object.assign(document.createElement("video"), { muted: true, playsInline: true, preload: "auto" });
  const url = URL.createObjectURL(blob);
  try {
    const loaded = once(video, "loadeddata");
    video.src = url;
    await loaded;
    const seeked = once(video, "seeked");
    video.currentTime = Math.min(AT_SECONDS, video.duration / 2);
    await seeked;
    const canvas = new OffscreenCanvas(WIDTH, Math.round(WIDTH * video.videoHeight / video.videoWidth));
    canvas.getContext("2d").drawImage(video, 0, 0, canvas.width, canvas.height);
    return await canvas.convertToBlob({ type: "image/jpeg", quality: 0.8 });
  } catch {
    return undefined;
  } finally {
    // Frees the decoder: browsers have only some dozens.
    video.removeAttribute("src");
    video.load();
    URL.revokeObjectURL(url);
  }
}
