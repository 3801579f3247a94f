// Copies the reference photos of a batch into this browser, and sends the copies when the server has deleted its own.
import { hasDeleted } from "../batch/receiving.js";
import * as store from "../site/image-store.js";

const { batch, draftKey } = document.querySelector("[data-batch]").dataset;
const places = Array.from(document.querySelectorAll("[data-batch-photos] [data-number]"));
const form = document.querySelector("form[data-add-photos]");

async function download(url) {
  const response = await fetch(url);
  return response.ok ? response.blob() : undefined;
}

// The browser that uploaded a photo has a copy under the key of the draft. By now, the server may have deleted its own.
async function copy(place, known) {
  const number = Number(place.dataset.number);
  const url = place.querySelector("img")?.src;
  if (!url || known.has(number)) return;
  const blob = await store.copy(draftKey, url.split("/").at(-2)) ?? await download(url);
  if (blob) await store.saveCopy(batch, number, blob);
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

/** Resolves when the photos have been copied. Without IndexedDB there are no copies. */
export const copied = places.length ? start().catch(() => undefined) : Promise.resolve();
