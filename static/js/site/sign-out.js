// Signing out, and deleting what this browser stores: images, previews and drafts.
import { post } from "./submit-in-place.js";
import { bytesText } from "./format-bytes.js";
import * as store from "./image-store.js";

const form = document.querySelector("[data-sign-out]");

async function showSize() {
  // Only https and localhost have it.
  const { usage } = await navigator.storage?.estimate?.() ?? {};
  if (!usage) return;
  const size = form.querySelector("[data-size]");
  size.querySelector("b").textContent = bytesText(usage);
  size.hidden = false;
}

async function deleteAll() {
  sessionStorage.clear();
  // Other tabs hear of it and leave their pages (image-store.js).
  localStorage.clear();
  await store.clear();
}

form.addEventListener("submit", async (event) => {
  if (!form.elements.delete.checked) return;
  event.preventDefault();
  try {
    // First, so that no other tab receives images any more.
    if (!await post(form)) return;
  } catch {
    // The page that the server or the browser shows then says why.
    form.submit();
    return;
  }
  try {
    await deleteAll();
    location.assign(form.dataset.next);
  } catch {
    form.hidden = true;
    document.querySelector("[data-not-deleted]").hidden = false;
  }
});

form.querySelector("[data-stored]").hidden = false;
showSize();
