// Deletes the images from this device, alone or together with their batch, and downloads them again.
import { submitAlertFor, submitInPlace } from "../site/submit-in-place.js";
import { showAlert } from "./alerts.js";
import { forgetImages, receiveAgain } from "./receiving.js";

// Without JavaScript there are no images on this device, and a page of its own asks before a batch is deleted.
for (const form of document.querySelectorAll("[data-forget][hidden]")) form.hidden = false;

const deletions = {
  device: forgetImages,
  // The server first: if it fails, the images on this device may be the only copies.
  async batch(form) {
    if (!await submitInPlace(form)) return;
    // A browser that cannot store images has none to delete.
    await forgetImages().catch(() => {});
    location.assign(form.dataset.next);
  },
};

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (event.defaultPrevented || !form.matches("[data-forget]")) return;
  event.preventDefault();
  await deletions[form.dataset.forget](form).catch((error) => showAlert(submitAlertFor(error)));
});

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-come-back]")) receiveAgain();
});
