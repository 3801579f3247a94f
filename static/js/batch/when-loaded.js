// Chromium takes a page for loading until its connections have been quiet for half a second, or seven have passed.
const QUIET_MS = 1_000;

/**
 * Call `act` a moment after the page is loaded.
 *
 * While Chromium loads a page it puts off collecting what is no longer used: images received then stay in memory for
 * seconds, a hundred megabytes of them.
 */
export function whenLoaded(act) {
  const later = () => setTimeout(act, QUIET_MS);
  if (document.readyState === "complete") later();
  else addEventListener("load", later, { once: true });
}
