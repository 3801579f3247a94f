// Shows a stored image in full size. The arrow keys move between images, and closing returns to its tile.
import { formatBytes } from "../site/format-bytes.js";
import * as store from "../site/image-store.js";
import { player } from "../video/player.js";
import { isVideo } from "../video/poster.js";
import { download } from "./download.js";
import { onStoredChange, storedRow, storedRows } from "./images.js";
import { tileOf } from "./tiles.js";
import { decide } from "./verdicts.js";
import { versionsOf } from "./versions.js";

const dialog = document.querySelector("dialog[data-viewer]");
const list = document.querySelector("[data-tiles]");
const part = (name) => dialog.querySelector(`[data-part="${name}"]`);
const opener = (position) => list.querySelector(`[data-position="${position}"] [data-part="open"]`);
let shown;
let isComparing = false;

const positions = () => storedRows().map((row) => row.position);

async function show(position) {
  shown = storedRow(position);
  const row = shown;
  const order = positions();
  part("previous").disabled = order[0] === position;
  part("next").disabled = order.at(-1) === position;
  part("place").textContent = `${order.indexOf(position) + 1} / ${order.length}`;
  part("name").textContent = row.name;
  part("prompt").textContent = row.prompt;
  // "Use for the rest" (for-the-rest.js); a batch that is over has no such button.
  part("rest")?.setAttribute("data-position", position);
  part("size").textContent = `${row.width} × ${row.height} · ${formatBytes(row.bytes)}`;
  showEditLink(position);
  const versions = versionsOf(position);
  part("compare").hidden = versions.length < 2;
  part("compare").setAttribute("aria-pressed", isComparing);
  const isSideBySide = isComparing && versions.length > 1;
  const pictures = await Promise.all(isSideBySide ? versions.map(figure) : [store.file(row).then((blob) => picture(row, blob))]);
  // The customer may already be at another image, or have closed the viewer.
  if (shown !== row || !dialog.open) return;
  part("picture").toggleAttribute("data-comparing", isSideBySide);
  part("picture").replaceChildren(...pictures);
}

// A cancelled batch has no such link, and videos can't be edited.
function showEditLink(position) {
  const link = part("edit");
  if (!link) return;
  link.href = `images/${position}/edit/`;
  link.hidden = tileOf(position).dataset.kind === "video";
}

// One of several versions side by side, with a button that keeps it.
async function figure(row) {
  const content = document.querySelector('template[data-tile="version"]').content.cloneNode(true);
  content.querySelector("[data-part=name]").textContent = row.name;
  const keep = content.querySelector("[data-keep]");
  const showKept = () => keep.setAttribute("aria-pressed", tileOf(row.position).dataset.verdict === "keep");
  keep.addEventListener("click", () => { decide(tileOf(row.position), "keep"); showKept(); });
  showKept();
  content.firstElementChild.prepend(picture(row, await store.file(row)));
  return content;
}

function picture(row, blob) {
  if (isVideo(row)) return player(row, blob);
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
  if (!storedRow(position) || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  show(position);
  dialog.showModal();
});

const rightwards = document.dir === "rtl" ? -1 : 1;
dialog.addEventListener("keydown", (event) => {
  // There the arrows move within the video.
  if (event.target.matches("video")) return;
  if (event.key === "ArrowLeft") step(-rightwards);
  if (event.key === "ArrowRight") step(rightwards);
});
part("compare").addEventListener("click", () => { isComparing = !isComparing; show(shown.position); });
part("previous").addEventListener("click", () => step(-1));
part("next").addEventListener("click", () => step(1));
part("save").addEventListener("click", async () => download(await store.file(shown), shown.name));
dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
// The images may be deleted from this device in another tab.
onStoredChange(() => { if (dialog.open && !storedRow(shown.position)) dialog.close(); });
dialog.addEventListener("close", () => {
  part("picture").replaceChildren();
  opener(shown.position)?.focus();
});
