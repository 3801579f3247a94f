// Signs out and, if the customer wants it, deletes what this browser stores: images, thumbnails and drafts.
import { formatBytes } from "./format-bytes.js";
import * as store from "./image-store.js";
import { submitAlertFor, submitInPlace } from "./submit-in-place.js";

const form = document.querySelector("[data-sign-out]");
const alert = form.querySelector("[data-not-done]");

async function showSize() {
  // Browsers offer this only with https and on localhost.
  const { usage } = await navigator.storage?.estimate?.() ?? {};
  if (!usage) return;
  const size = form.querySelector("[data-size]");
  size.querySelector("b").textContent = formatBytes(usage);
  size.hidden = false;
}

async function deleteAll() {
  sessionStorage.clear();
  // Makes the other tabs reload (image-store.js).
  localStorage.clear();
  await store.clear();
}

form.addEventListener("submit", async (event) => {
  if (!form.elements.delete.checked) return;
  event.preventDefault();
  alert.hidden = true;
  try {
    // Sign out first, so that no other tab can receive more images.
    if (!await submitInPlace(form)) return;
  } catch (error) {
    // Submitted without this script, the form would sign out, but delete nothing.
    if (submitAlertFor(error) === "not-done") alert.hidden = false;
    // The server's page says what is wrong.
    else form.submit();
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
