// Pauses, resumes and cancels without leaving the page, so that it does not scroll.
import { submitAlertFor, submitInPlace } from "../site/submit-in-place.js";
import { showAlert } from "./alerts.js";
import { removeMessages } from "./messages.js";
import { pollNow } from "./polling.js";

const OPPOSITE = { pause: "resume", resume: "pause" };

// The button that was pressed is hidden now, so the keyboard focus moves to one that is not.
function moveFocus(form) {
  const bar = form.closest(".batch-bar");
  const opposite = bar.querySelector(`[data-may="${OPPOSITE[form.dataset.may]}"]:not([hidden]) button`);
  (opposite ?? bar.querySelector("[data-zip-of]:enabled, [data-select-all] ~ a")).focus({ preventScroll: true });
}

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (event.defaultPrevented || !form.matches("[data-in-place]")) return;
  event.preventDefault();
  removeMessages();
  try {
    if (await submitInPlace(form)) await pollNow();
    if (form.hidden) moveFocus(form);
  } catch (error) {
    showAlert(submitAlertFor(error));
  }
});
