// The verdicts on images. They are shown at once and sent in bundles, again and again until the server has them.
import { alertFor, ensureOk } from "../site/errors.js";
import { showAlert } from "./alerts.js";

const SEND_AFTER_MS = 500;
const SEND_AGAIN_AFTER_MS = 5_000;

const list = document.querySelector("[data-tiles]");
const { url } = document.querySelector("[data-review]").dataset;
const csrfToken = document.querySelector("[name=csrfmiddlewaretoken]").value;
const changes = new EventTarget();
const unsent = new Map();
let timer;

/** Call `listener` whenever a verdict is shown. */
export const onVerdict = (listener) => changes.addEventListener("verdict", listener);

/** Show the verdict on a tile, unless the customer has just decided otherwise. */
export function showVerdict(tile, verdict) {
  const shown = unsent.get(Number(tile.dataset.position)) ?? verdict;
  tile.dataset.verdict = shown;
  for (const button of tile.querySelectorAll("[data-decide]")) button.setAttribute("aria-pressed", button.dataset.decide === shown);
  changes.dispatchEvent(new Event("verdict"));
}

/** Decide about the image of a tile. The same verdict once more takes it back. */
export function decide(tile, verdict) {
  const decided = tile.dataset.verdict === verdict ? "" : verdict;
  unsent.set(Number(tile.dataset.position), decided);
  showVerdict(tile, decided);
  clearTimeout(timer);
  timer = setTimeout(send, SEND_AFTER_MS);
}

async function send() {
  clearTimeout(timer);
  if (!unsent.size) return;
  const sent = new Map(unsent);
  const headers = { "Content-Type": "application/json", "X-CSRFToken": csrfToken };
  try {
    ensureOk(await fetch(url, { method: "POST", headers, body: JSON.stringify(Object.fromEntries(sent)), keepalive: true }));
  } catch (error) {
    showAlert(alertFor(error));
    timer = setTimeout(send, SEND_AGAIN_AFTER_MS);
    return;
  }
  // One that has changed since is sent again.
  for (const [position, verdict] of sent) if (unsent.get(position) === verdict) unsent.delete(position);
}

// Also when the tab is closed.
document.addEventListener("visibilitychange", () => { if (document.hidden) send(); });

list.addEventListener("click", (event) => {
  const button = event.target.closest("[data-decide]");
  if (button) decide(button.closest(".tile"), button.dataset.decide);
});
