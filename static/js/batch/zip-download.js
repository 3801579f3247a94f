// The buttons that make a ZIP of the kept images, and how far it is.
import { save } from "./download.js";
import { selectedRows } from "./selection.js";
import { images, kept } from "./tiles.js";
import { zip } from "./zip.js";

const place = document.querySelector("[data-zip]");
const part = (name) => place.querySelector(`[data-part="${name}"]`);
const buttons = document.querySelectorAll("[data-zip-of]");
const inListOrder = (rows) => rows.sort((one, other) => one.position - other.position);
// Each change of the bar paints the page anew, which costs as much as reading an image.
const SHOWN_EVERY_MS = 250;
let busy = false;

// A ZIP without its list is better than none, when the server cannot be reached.
async function manifest() {
  try {
    const response = await fetch(place.dataset.manifestUrl, { signal: AbortSignal.timeout(30_000) });
    return response.ok ? { name: "manifest.csv", text: await response.text() } : null;
  } catch {
    return null;
  }
}

function progress(count) {
  const bar = part("bar");
  let shownAt = -Infinity;
  bar.max = count;
  return (done) => {
    const now = performance.now();
    if (done < count && now - shownAt < SHOWN_EVERY_MS) return;
    bar.value = done;
    shownAt = now;
  };
}

async function make(rows) {
  const extra = await manifest();
  save(await zip(rows, extra, progress(rows.length)), place.dataset.fileName);
  const whole = rows.length >= images.size;
  if (extra) return whole ? "done" : "some";
  return whole ? "withoutManifest" : "someWithoutManifest";
}

async function run(rows) {
  // Asked for after a click, and never awaited: Firefox keeps the promise open until its question is answered.
  navigator.storage?.persist?.();
  setBusy(true);
  say("making");
  try {
    say(await make(rows), { count: rows.length, total: images.size });
  } catch {
    say("failed");
  }
  setBusy(false);
}

function say(name, numbers = {}) {
  const number = (_, key) => numbers[key].toLocaleString(document.documentElement.lang);
  part("sentence").textContent = part("sentence").dataset[name].replace(/\{(\w+)\}/g, number);
  place.hidden = false;
}

function setBusy(value) {
  busy = value;
  part("bar").hidden = !busy;
  update();
}

function update() {
  for (const button of buttons) button.disabled = busy || kept.size === 0;
}

for (const button of buttons) {
  button.hidden = false;
  button.addEventListener("click", () => run(button.dataset.zipOf === "selected" ? selectedRows() : inListOrder([...kept.values()])));
}
document.addEventListener("kept", update);
update();
