// The buttons that make a ZIP of the stored images, and its progress.
import { fillIn } from "../site/fill-in.js";
import { download } from "./download.js";
import { madeCount, onStoredChange, storedCount, storedRows } from "./images.js";
import { selectedRows } from "./selection.js";
import { tileOf } from "./tiles.js";
import { chosenRows } from "./versions.js";
import { zip } from "./zip.js";

const place = document.querySelector("[data-zip]");
const part = (name) => place.querySelector(`[data-part="${name}"]`);
const buttons = document.querySelectorAll("[data-zip-of]");
// Each update of the bar repaints the page, which takes as long as reading an image.
const UPDATE_EVERY_MS = 250;
// The bar stays in view over the images, so it says no longer than needed that all went well.
const DONE_FOR_MS = 10_000;
let busy = false;
let timer;

// null if the server cannot be reached: a ZIP without its list is better than none. As bytes, because reading it as text
// would drop the byte order mark.
async function manifest() {
  try {
    const response = await fetch(place.dataset.manifestUrl, { signal: AbortSignal.timeout(30_000) });
    return response.ok ? { name: "manifest.csv", bytes: new Uint8Array(await response.arrayBuffer()) } : null;
  } catch {
    return null;
  }
}

function progress(count) {
  const bar = part("bar");
  let updatedAt = -Infinity;
  bar.max = count;
  return (done) => {
    const now = performance.now();
    if (done < count && now - updatedAt < UPDATE_EVERY_MS) return;
    bar.value = done;
    updatedAt = now;
  };
}

const ROWS = {
  all: () => chosenRows(storedRows()),
  kept: () => chosenRows(storedRows().filter((row) => tileOf(row.position).dataset.verdict === "keep")),
  selected: selectedRows,
};

async function make(rows, isWhole) {
  const extra = await manifest();
  download(await zip(rows, extra, progress(rows.length)), place.dataset.fileName);
  if (extra) return isWhole ? "done" : "some";
  return isWhole ? "withoutManifest" : "someWithoutManifest";
}

async function run(kind) {
  const rows = ROWS[kind]();
  const isWhole = storedCount() >= madeCount() && rows.length >= ROWS.all().length;
  // After a click, because Firefox asks the customer. Not awaited, because Firefox waits for the answer.
  navigator.storage?.persist?.();
  setBusy(true);
  show("making");
  try {
    show(await make(rows, isWhole), { count: rows.length, total: madeCount() });
  } catch {
    show("failed");
  }
  setBusy(false);
}

function show(name, numbers = {}) {
  clearTimeout(timer);
  if (["done", "some"].includes(name)) timer = setTimeout(() => { place.hidden = true; }, DONE_FOR_MS);
  part("sentence").textContent = fillIn(part("sentence").dataset[name], numbers);
  place.hidden = false;
}

function setBusy(value) {
  busy = value;
  part("bar").hidden = !busy;
  update();
}

function update() {
  for (const button of buttons) button.disabled = busy || storedCount() === 0;
}

for (const button of buttons) {
  if (button.dataset.zipOf !== "kept") button.hidden = false;
  button.addEventListener("click", () => run(button.dataset.zipOf));
}
onStoredChange(update);
update();
