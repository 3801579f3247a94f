// "Delete from this device", its undoing, and deleting the images together with their batch.
import { showAlert } from "./alerts.js";
import { comeBack, forget } from "./page.js";
import { post, refusalOf } from "../site/submit-in-place.js";

// Without a script there is nothing on this device, and a page of its own asks before a batch is deleted.
for (const form of document.querySelectorAll("[data-forget][hidden]")) form.hidden = false;

const deletions = {
  device: forget,
  // The server first: images deleted here may be the only ones, and while the batch lives on they are wanted.
  async batch(form) {
    if (!await post(form)) return;
    // A browser that keeps nothing has nothing to delete.
    await forget().catch(() => {});
    location.assign(form.dataset.next);
  },
};

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (event.defaultPrevented || !form.matches("[data-forget]")) return;
  event.preventDefault();
  await deletions[form.dataset.forget](form).catch((error) => showAlert(refusalOf(error)));
});

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-come-back]")) comeBack();
});
