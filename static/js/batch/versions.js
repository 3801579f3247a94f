// Versions of images. Each is a tile of its own, which names the tile that it is a version of.
import { storedRows } from "./images.js";
import { tileOf } from "./tiles.js";

const originOf = (position) => Number(tileOf(position).dataset.origin ?? position);
const nameOf = (position) => tileOf(position).querySelector('[data-part="name"]').textContent;

/** Return the stored versions of an image, itself included, oldest first. */
export const versionsOf = (position) => storedRows().filter((row) => originOf(row.position) === originOf(position));

const RANKS = { keep: 2, "": 1, reject: 0 };

// The kept version comes first, then the newest that is not rejected. The server's ZIP has the same rule.
function isBetter(one, other) {
  const [a, b] = [one, other].map(({ position }) => tileOf(position).dataset);
  return (RANKS[a.verdict] - RANKS[b.verdict] || Number(a.version) - Number(b.version)) > 0;
}

/** Return one version of each image, under the name in the list and in its order. */
export function chosenRows(rows) {
  const chosen = new Map();
  for (const row of rows) {
    const origin = originOf(row.position);
    if (!chosen.has(origin) || isBetter(row, chosen.get(origin))) chosen.set(origin, row);
  }
  const origins = Array.from(chosen.keys()).sort((one, other) => one - other);
  return origins.map((origin) => ({ ...chosen.get(origin), name: nameOf(origin) }));
}
