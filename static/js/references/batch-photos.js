// Copies the reference photos of a batch into this browser, and sends the copies when the server has deleted its own.
import { hasDeleted } from "../batch/receiving.js";
import * as store from "../site/image-store.js";

const { batch } = document.querySelector("[data-batch]").dataset;
const places = Array.from(document.querySelectorAll("[data-batch-photos] [data-number]"));
const form = document.querySelector("form[data-add-photos]");

async function copy(place, known) {
  const number = Number(place.dataset.number);
  const url = place.querySelector("img")?.src;
  if (!url || known.has(number)) return;
  const response = await fetch(url);
  if (response.ok) await store.saveCopy(batch, number, await response.blob());
}

function offerCopies(known) {
  const found = places.filter((place) => "gone" in place.dataset).map((place) => known.get(Number(place.dataset.number)));
  if (!found.every(Boolean)) return;
  const button = form.querySelector("[data-use-copies]");
  button.hidden = false;
  button.addEventListener("click", () => {
    const files = new DataTransfer();
    found.forEach((blob, index) => files.items.add(new File([blob], `${index + 1}.jpg`, { type: blob.type })));
    form.elements.photos.files = files.files;
    form.requestSubmit();
  });
}

async function start() {
  const known = await store.copies(batch);
  if (form) offerCopies(known);
  // The copies were deleted from this device with the images.
  if (hasDeleted()) return;
  for (const place of places) await copy(place, known);
}

// Without IndexedDB there are no copies.
if (places.length) start().catch(() => undefined);
