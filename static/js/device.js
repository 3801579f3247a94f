// "Delete from this device", its undoing, and deleting the images together with their batch.
import { comeBack, forget } from "./batch.js";

// Without a script there is nothing on this device, and a page of its own asks before a batch is deleted.
for (const form of document.querySelectorAll("[data-forget][hidden]")) form.hidden = false;

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (event.defaultPrevented || !form.matches("[data-forget]")) return;
  event.preventDefault();
  await forget();
  // With an address of its own, the form also deletes on the server.
  if (form.dataset.forget === "and-send") form.submit();
});

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-come-back]")) comeBack();
});
