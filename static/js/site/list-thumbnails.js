// The list of batches shows a few of the images that this browser keeps.
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

// A browser that keeps nothing shows the list without pictures.
await Promise.allSettled(Array.from(document.querySelectorAll("[data-thumbnails]"), fill));
