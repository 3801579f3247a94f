// The tiles of a batch: the server's HTML, updated by each poll and by the images stored in this browser.
import { fillIn } from "../site/fill-in.js";
import * as store from "../site/image-store.js";
import { isVideo } from "../video/poster.js";
import { countDown } from "./countdown.js";
import { download } from "./download.js";
import { addMade, addStored, isStored, madeImages, missingImages, removeAllStored, removeMade, storedRow } from "./images.js";
import { showVerdict } from "./verdicts.js";

const list = document.querySelector("[data-tiles]");
const tiles = new Map(Array.from(list.children, (tile) => [Number(tile.dataset.position), tile]));

export const tileOf = (position) => tiles.get(position);

const url = (pattern, position) => pattern.replace("/0/", `/${position}/`);
const part = (tile, name) => tile.querySelector(`[data-part="${name}"]`);

/** Read the images from the server's HTML. */
export function readTiles() {
  for (const [position, tile] of tiles) {
    const retry = part(tile, "retry");
    if (retry) countDown(retry, retry.dataset);
    const { sha256, bytes, width, height, onServer, confirmed } = tile.dataset;
    if (!sha256) continue;
    add(position, tile, { sha256, bytes: Number(bytes), width, height, on_server: onServer !== undefined, confirmed: confirmed !== undefined });
  }
}

function add(position, tile, image) {
  const name = part(tile, "name").textContent;
  const prompt = part(tile, "prompt").textContent;
  addMade({ position, name, prompt, url: url(list.dataset.imageUrl, position), ...image });
}

/** Show one prompt as a poll describes it. */
export function showCard(card) {
  const tile = tileOf(card.position);
  // A version that was ordered on another page.
  if (!tile) return void location.reload();
  showVerdict(tile, card.verdict);
  part(tile, "name").textContent = card.name;
  part(tile, "prompt").textContent = card.prompt;
  part(tile, "prompt").hidden = card.is_named_after_prompt;
  part(tile, "status").textContent = card.status_label;
  part(tile, "status").dataset.status = card.status;
  if (card.image) add(card.position, tile, card.image);
  else removeMade(card.position);
  if (isStored(card.position)) showStored(storedRow(card.position));
  else showMissing(tile, card);
}

function showMissing(tile, card) {
  delete tile.dataset.stored;
  tile.dataset.status = card.status;
  tile.querySelector("input")?.remove();
  tile.querySelector(".tile-verdict")?.remove();
  showLink(tile, card);
  fillFoot(tile, card.retry ? "retrying" : card.status, card.position);
  if (card.retry) countDown(part(tile, "retry"), card.retry);
  const reason = part(tile, "reason");
  if (reason && card.error) reason.textContent = card.error.message;
}

// The link to an image on the server. It has the image's name until the picture is shown.
function showLink(tile, { position, status, name }) {
  const link = part(tile, "open");
  link.replaceChildren();
  link.removeAttribute("href");
  if (status !== "ready") return;
  link.href = url(list.dataset.imageUrl, position);
  link.append(Object.assign(document.createElement("span"), { className: "visually-hidden", textContent: name }));
}

// Below the picture: the reason for a failure or a wait, a download link, or nothing.
function fillFoot(tile, status, position) {
  const template = document.querySelector(`template[data-tile="${status}"]`);
  part(tile, "foot").replaceChildren(...(template ? [template.content.cloneNode(true)] : []));
  for (const link of part(tile, "foot").querySelectorAll("a")) link.href = url(link.getAttribute("href"), position);
}

/** Show an image that this browser stores. It stays visible when the server's copy is deleted. */
export function showStored(row) {
  addStored(row);
  const tile = tileOf(row.position);
  if (!tile || !isStored(row.position)) return;
  tile.dataset.stored = tile.dataset.status = "ready";
  fillFoot(tile, "ready", row.position);
  part(tile, "open").href = url(list.dataset.imageUrl, row.position);
  part(tile, "open").replaceChildren(picture(row));
  if (!tile.querySelector("input")) addCheckbox(tile, row);
  if (!tile.querySelector("[data-decide]")) addVerdict(tile);
}

function addVerdict(tile) {
  part(tile, "foot").before(document.querySelector('template[data-tile="review"]').content.cloneNode(true));
  showVerdict(tile, tile.dataset.verdict);
}

function picture(row) {
  // A video that this browser can't play has no picture.
  if (isVideo(row) && !row.thumbnail) return Object.assign(document.createElement("span"), { className: "tile-file", textContent: row.name });
  const image = Object.assign(new Image(), { alt: row.prompt, loading: "lazy", decoding: "async", width: row.width, height: row.height });
  // The few browsers that cannot draw a thumbnail show the file itself.
  Promise.resolve(row.thumbnail ?? store.file(row)).then((blob) => {
    image.addEventListener("load", () => URL.revokeObjectURL(image.src), { once: true });
    image.src = URL.createObjectURL(blob);
  });
  return image;
}

function addCheckbox(tile, row) {
  const box = document.querySelector('template[data-tile="select"]').content.cloneNode(true);
  const input = box.querySelector("input");
  input.value = row.position;
  input.setAttribute("aria-label", fillIn(input.getAttribute("aria-label"), row));
  tile.append(box);
}

/** Show no stored images any more, because they were deleted from this device. */
export function showForgotten() {
  removeAllStored();
  for (const image of madeImages()) showMissing(tileOf(image.position), { ...image, status: image.on_server ? "ready" : "expired" });
}

/** Show the server's copies of the images that this browser does not store. */
export function showServerCopies() {
  for (const image of missingImages()) {
    const open = part(tileOf(image.position), "open");
    if (open.hidden || open.querySelector("img")) continue;
    const { prompt: alt, url: src, width, height } = image;
    open.href = src;
    if (isVideo(image)) {
      open.hidden = true;
      open.after(Object.assign(document.createElement("video"), { controls: true, preload: "none", title: alt, width, height, src }));
    } else open.replaceChildren(Object.assign(new Image(), { alt, loading: "lazy", decoding: "async", width, height, src }));
  }
}

list.addEventListener("click", async (event) => {
  const tile = event.target.closest("a[data-save]")?.closest("[data-position]");
  const row = tile && storedRow(Number(tile.dataset.position));
  if (!row) return;
  event.preventDefault();
  download(await store.file(row), row.name);
});
