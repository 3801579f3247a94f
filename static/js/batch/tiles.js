// The cards of a batch: what the server wrote, brought up to date by the poll and by the images kept here.
import { save } from "./download.js";
import * as store from "../site/image-store.js";

const list = document.querySelector("[data-tiles]");
const tiles = new Map(Array.from(list?.children ?? [], (tile) => [Number(tile.dataset.position), tile]));

/** position -> { position, url, name, prompt, sha256, bytes, width, height, on_server, confirmed } of each image made. */
export const images = new Map();
/** position -> the row of `store` for each image that this browser keeps. */
export const kept = new Map();

const url = (pattern, position) => pattern.replace("/0/", `/${position}/`);
const part = (tile, name) => tile.querySelector(`[data-part="${name}"]`);
const isKept = (position) => kept.has(position) && kept.get(position).sha256 === (images.get(position)?.sha256 ?? "");

const made = (condition) => Array.from(images.values()).filter(condition);

/** Return the images that the server has and this browser has not. */
export const missing = () => made((image) => image.on_server && !isKept(image.position));

/** Return the images that the server does not yet know to be kept here. */
export const unconfirmed = () => made((image) => image.on_server && !image.confirmed && isKept(image.position) && kept.get(image.position).verified);

/** Return "elsewhere", the name of an alert, if there are images, but none here and none on the server; else "". */
export const elsewhere = () => (images.size && !kept.size && !missing().length ? "elsewhere" : "");

/** Read the images from the cards as the server wrote them. */
export function readTiles() {
  for (const [position, tile] of tiles) {
    const { sha256, bytes, width, height, onServer, confirmed } = tile.dataset;
    if (!sha256) continue;
    note(position, tile, { sha256, bytes: Number(bytes), width, height, on_server: onServer !== undefined, confirmed: confirmed !== undefined });
  }
}

function note(position, tile, image) {
  const name = part(tile, "name").textContent;
  const prompt = part(tile, "prompt").textContent;
  images.set(position, { position, name, prompt, url: url(list.dataset.imageUrl, position), ...image });
}

/** Show what the poll says about one prompt. */
export function showCard(card) {
  const tile = tiles.get(card.position);
  if (!tile) return;
  part(tile, "name").textContent = card.name;
  part(tile, "prompt").textContent = card.prompt;
  part(tile, "status").textContent = card.status_label;
  part(tile, "status").dataset.status = card.status;
  if (card.image) note(card.position, tile, card.image);
  else images.delete(card.position);
  if (isKept(card.position)) showKept(kept.get(card.position));
  else showMissing(tile, card);
}

function showMissing(tile, card) {
  delete tile.dataset.kept;
  tile.dataset.status = card.status;
  tile.querySelector("input")?.remove();
  part(tile, "open").replaceChildren();
  fill(tile, card.status, card.position);
  const reason = part(tile, "reason");
  if (reason && card.error) reason.textContent = card.error.message;
}

// Below the picture: the reason of a failure, a download, or nothing.
function fill(tile, status, position) {
  const template = document.querySelector(`template[data-tile="${status}"]`);
  part(tile, "foot").replaceChildren(...(template ? [template.content.cloneNode(true)] : []));
  for (const link of part(tile, "foot").querySelectorAll("a")) link.href = url(link.getAttribute("href"), position);
}

/** Show an image that this browser keeps; it stays shown when the server's copy is gone. */
export function showKept(row) {
  kept.set(row.position, row);
  const tile = tiles.get(row.position);
  if (!tile || !isKept(row.position)) return;
  tile.dataset.kept = tile.dataset.status = "ready";
  fill(tile, "ready", row.position);
  part(tile, "open").href = url(list.dataset.imageUrl, row.position);
  part(tile, "open").replaceChildren(picture(row));
  if (!tile.querySelector("input")) addCheckbox(tile, row);
}

function picture(row) {
  const image = Object.assign(new Image(), { alt: row.prompt, loading: "lazy", decoding: "async", width: row.width, height: row.height });
  // Few browsers cannot draw the thumbnail: those show the file itself.
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
  input.setAttribute("aria-label", input.getAttribute("aria-label").replace("{name}", row.name));
  tile.append(box);
}

/** Take all images of this browser off the cards, because they were deleted here. */
export function showForgotten() {
  kept.clear();
  for (const image of images.values()) showMissing(tiles.get(image.position), { ...image, status: image.on_server ? "ready" : "expired" });
}

/** Show the server's copy of each image where this browser keeps none. */
export function showServersCopies() {
  for (const image of missing()) {
    const open = part(tiles.get(image.position), "open");
    if (open.querySelector("img")) continue;
    const { prompt: alt, url: src, width, height } = image;
    open.href = src;
    open.replaceChildren(Object.assign(new Image(), { alt, loading: "lazy", decoding: "async", width, height, src }));
  }
}

list?.addEventListener("click", async (event) => {
  const tile = event.target.closest("a[data-save]")?.closest("[data-position]");
  const row = tile && kept.get(Number(tile.dataset.position));
  if (!row) return;
  event.preventDefault();
  save(await store.file(row), row.name);
});
