const PATIENCE_MS = 2_000;

/**
 * Call `act` when the page is loaded and has nothing else to do.
 *
 * While Chromium loads a page it puts off collecting what is no longer used: images received then stay in memory for
 * seconds, a hundred megabytes of them.
 */
export function whenLoaded(act) {
  const whenIdle = () => {
    // Safari does not tell when it has nothing to do.
    if (window.requestIdleCallback) requestIdleCallback(() => act(), { timeout: PATIENCE_MS });
    else setTimeout(act);
  };
  if (document.readyState === "complete") whenIdle();
  else addEventListener("load", whenIdle, { once: true });
}
