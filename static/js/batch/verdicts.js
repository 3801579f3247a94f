// The verdicts on images. They are shown at once and sent in bundles, again and again until the server has them.
import { alertFor, ensureOk } from "../site/errors.js";
import { removeAlert, showAlert } from "./alerts.js";

const SEND_AFTER_MS = 500;
const SEND_AGAIN_AFTER_MS = 5_000;
const TIMEOUT_MS = 30_000;

const list = document.querySelector("[data-tiles]");
const { url } = document.querySelector("[data-review]").dataset;
const csrfToken = document.querySelector("[name=csrfmiddlewaretoken]").value;
const changes = new EventTarget();
const unsent = new Map();
let timer;
let isSending = false;
let alert = "";

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

// A batch that is reviewed has usually finished, so "offline" has other words.
function unsentAlertFor(error) {
  const name = alertFor(error);
  return name === "offline" ? "unsent" : name;
}

async function send() {
  clearTimeout(timer);
  // One request after the other, so that a verdict is not overtaken by the one after it. A tab that closes can't wait.
  if (!unsent.size || (isSending && !document.hidden)) return;
  isSending = true;
  const sent = new Map(unsent);
  const headers = { "Content-Type": "application/json", "X-CSRFToken": csrfToken };
  try {
    const body = JSON.stringify(Object.fromEntries(sent));
    ensureOk(await fetch(url, { method: "POST", headers, body, keepalive: true, signal: AbortSignal.timeout(TIMEOUT_MS) }));
  } catch (error) {
    alert = unsentAlertFor(error);
    showAlert(alert);
    timer = setTimeout(send, SEND_AGAIN_AFTER_MS);
    return;
  } finally {
    isSending = false;
  }
  removeAlert(alert);
  // One that has changed since is sent again.
  for (const [position, verdict] of sent) if (unsent.get(position) === verdict) unsent.delete(position);
  send();
}

// Also when the tab is closed.
document.addEventListener("visibilitychange", () => { if (document.hidden) send(); });

list.addEventListener("click", (event) => {
  const button = event.target.closest("[data-decide]");
  if (button) decide(button.closest(".tile"), button.dataset.decide);
});
