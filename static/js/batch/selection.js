// Selects stored images for a ZIP of their own.
import { onStoredChange, storedCount, storedRow } from "./images.js";

const bar = document.querySelector("[data-selection]");
const list = document.querySelector("[data-tiles]");
const selectAll = document.querySelector("[data-select-all]");
const boxes = () => Array.from(list.querySelectorAll("input[data-select]"));
let last = null;

/** Return the rows of the selected images in list order. */
export function selectedRows() {
  return boxes().filter((box) => box.checked).map((box) => storedRow(Number(box.value)));
}

function update() {
  const count = boxes().filter((box) => box.checked).length;
  bar.hidden = count === 0;
  bar.querySelector("[data-count]").textContent = count;
  selectAll.hidden = storedCount() === 0;
}

function setAll(checked) {
  for (const box of boxes()) box.checked = checked;
  update();
}

// Shift-click gives all boxes between the last one and this one the same state.
list.addEventListener("click", (event) => {
  const box = event.target.closest("input[data-select]");
  if (!box) return;
  const all = boxes();
  const [from, to] = [all.indexOf(last), all.indexOf(box)].sort((one, other) => one - other);
  if (event.shiftKey && from >= 0) for (const between of all.slice(from, to + 1)) between.checked = box.checked;
  last = box;
  update();
});

selectAll.addEventListener("click", () => setAll(true));
document.querySelector("[data-select-none]").addEventListener("click", () => setAll(false));
onStoredChange(update);
