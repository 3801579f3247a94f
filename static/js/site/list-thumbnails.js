// Shows a few images of each batch in the list of batches, if this browser stores them.
import * as store from "./image-store.js";

async function fill(place) {
  const rows = await store.rows(place.dataset.thumbnails, Number(place.dataset.count));
  for (const row of rows.filter(({ thumbnail }) => thumbnail)) {
    const image = Object.assign(new Image(), { alt: "", width: 64, height: 64, decoding: "async" });
    image.addEventListener("load", () => URL.revokeObjectURL(image.src), { once: true });
    image.src = URL.createObjectURL(row.thumbnail);
    place.append(image);
  }
}

// A browser that cannot store images shows the list without them.
await Promise.allSettled(Array.from(document.querySelectorAll("[data-thumbnails]"), fill));
