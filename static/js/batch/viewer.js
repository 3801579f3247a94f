// A kept image, large: arrow keys go to its neighbours, closing returns to its card.
import { bytesText } from "../site/format-bytes.js";
import { save } from "./download.js";
import * as store from "../site/image-store.js";
import { kept } from "./tiles.js";

const dialog = document.querySelector("dialog[data-viewer]");
const list = document.querySelector("[data-tiles]");
const part = (name) => dialog.querySelector(`[data-part="${name}"]`);
const opener = (position) => list.querySelector(`[data-position="${position}"] [data-part="open"]`);
let shown;

const positions = () => Array.from(kept.keys()).sort((one, other) => one - other);

async function show(position) {
  shown = kept.get(position);
  const row = shown;
  const order = positions();
  part("previous").disabled = order[0] === position;
  part("next").disabled = order.at(-1) === position;
  part("place").textContent = `${order.indexOf(position) + 1} / ${order.length}`;
  part("name").textContent = row.name;
  part("prompt").textContent = row.prompt;
  part("size").textContent = `${row.width} × ${row.height} · ${bytesText(row.bytes)}`;
  const blob = await store.file(row);
  // Quick fingers: another image may have been asked for meanwhile.
  if (shown === row) part("picture").replaceChildren(picture(row, blob));
}

function picture(row, blob) {
  const image = Object.assign(new Image(), { alt: row.prompt, width: row.width, height: row.height });
  image.addEventListener("load", () => URL.revokeObjectURL(image.src), { once: true });
  image.src = URL.createObjectURL(blob);
  return image;
}

function step(distance) {
  const order = positions();
  const position = order[order.indexOf(shown.position) + distance];
  if (position !== undefined) show(position);
}

list.addEventListener("click", (event) => {
  const link = event.target.closest('[data-part="open"]');
  const position = Number(link?.closest("[data-position]").dataset.position);
  if (!kept.has(position) || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  show(position);
  dialog.showModal();
});

const rightwards = document.dir === "rtl" ? -1 : 1;
dialog.addEventListener("keydown", (event) => {
  if (event.key === "ArrowLeft") step(-rightwards);
  if (event.key === "ArrowRight") step(rightwards);
});
part("previous").addEventListener("click", () => step(-1));
part("next").addEventListener("click", () => step(1));
part("save").addEventListener("click", async () => save(await store.file(shown), shown.name));
dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
dialog.addEventListener("close", () => {
  part("picture").replaceChildren();
  opener(shown.position)?.focus();
});
