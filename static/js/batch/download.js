const REVOKE_AFTER_MS = 600_000;
const urls = new Set();

/** Save a Blob as a download called `name`. */
export function download(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  urls.add(link.href);
  link.click();
  // Safari reads the Blob some time after the click.
  setTimeout(revoke, REVOKE_AFTER_MS, link.href);
}

function revoke(url) {
  URL.revokeObjectURL(url);
  urls.delete(url);
}

/** Let go of the Blobs that were downloaded: as long as the page has them, a browser does not free the disk of their images. */
export function releaseDownloads() {
  urls.forEach(revoke);
}
