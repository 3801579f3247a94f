// Plays a stored video in the viewer, or says that this browser can't play it.
const template = document.querySelector('template[data-tile="unplayable"]');

/** Return a player for the file of a stored video. */
export function player(row, blob) {
  const video = document.createElement("video");
  Object.assign(video, { controls: true, playsInline: true, loop: true, title: row.prompt });
  if (row.width && row.height) Object.assign(video, { width: row.width, height: row.height });
  const url = URL.createObjectURL(blob);
  video.addEventListener("error", () => video.replaceWith(template.content.cloneNode(true)), { once: true });
  video.src = url;
  releaseWhenGone(video, url);
  return video;
}

// A player needs its file as long as it is shown.
function releaseWhenGone(video, url) {
  const observer = new MutationObserver(() => {
    if (video.isConnected) return;
    observer.disconnect();
    video.removeAttribute("src");
    video.load();
    URL.revokeObjectURL(url);
  });
  observer.observe(document.querySelector("dialog[data-viewer]"), { childList: true, subtree: true });
}
