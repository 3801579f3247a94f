// Chromium treats a page as loading until the network has been quiet for half a second, or for seven seconds.
const QUIET_MS = 1_000;

/**
 * Call `act` a second after the page has loaded.
 *
 * Chromium postpones garbage collection while it loads a page: images received then would stay in memory for seconds,
 * a hundred megabytes of them.
 */
export function whenLoaded(act) {
  const later = () => setTimeout(act, QUIET_MS);
  if (document.readyState === "complete") later();
  else addEventListener("load", later, { once: true });
}
