// Pausing, resuming and cancelling happen on the page as it is: what is looked at stays in sight.
import { showAlert } from "./alerts.js";
import { refresh } from "./page.js";
import { post, refusalOf } from "../site/submit-in-place.js";

const UNDOING = { pause: "resume", resume: "pause" };

// The button that was pressed makes no sense any more; the keyboard goes on from what does.
function moveFocus(form) {
  const bar = form.closest(".batch-bar");
  const undoing = bar.querySelector(`[data-may="${UNDOING[form.dataset.may]}"]:not([hidden]) button`);
  (undoing ?? bar.querySelector("[data-zip-of]:enabled, [data-select-all] ~ a")).focus({ preventScroll: true });
}

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (event.defaultPrevented || !form.matches("[data-in-place]")) return;
  event.preventDefault();
  try {
    if (await post(form)) await refresh();
    if (form.hidden) moveFocus(form);
  } catch (error) {
    showAlert(refusalOf(error));
  }
});
