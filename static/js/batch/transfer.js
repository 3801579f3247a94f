// Moves finished images from the server into this browser: fetched, checked, stored, and only then confirmed.
import { AlertError, alertFor, ensureOk } from "../site/errors.js";
import * as store from "../site/image-store.js";
import { isVideo, poster } from "../video/poster.js";
import { thumbnail } from "./thumbnail.js";

const PARALLEL_FETCHES = 2;
const TIMEOUT_MS = 120_000;
// A slow connection needs longer for a video.
const BYTES_PER_MS = 50;
// Larger files are received one after the other.
const LARGE_BYTES = 16_000_000;

// crypto.subtle exists only with https and on localhost. Elsewhere images are stored but never confirmed, and the
// server keeps its copy until it expires.
async function digest(bytes) {
  if (!crypto.subtle) return null;
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function fetchImage(image) {
  // IndexedDB will have the image, so the browser's cache doesn't need a second copy.
  const response = await fetch(image.url, { cache: "no-store", signal: AbortSignal.timeout(TIMEOUT_MS + image.bytes / BYTES_PER_MS) });
  if (response.status === 410) return null;
  // Not a Blob: the browser holds its bytes in another process, and hashing would copy them back.
  const bytes = await ensureOk(response).arrayBuffer();
  return { bytes, type: response.headers.get("Content-Type") };
}

async function storeImage(image, { bytes: file, type }, batch, isWanted) {
  const sha256 = await digest(file);
  if (file.byteLength !== image.bytes || (sha256 && sha256 !== image.sha256)) throw new AlertError("offline");
  const blob = new Blob([file], { type });
  const { position, bytes, width, height, name, prompt } = image;
  const facts = { batch, position, sha256: image.sha256, bytes, width, height, name, prompt, type: blob.type };
  const preview = isVideo(image) ? await poster(blob) : await thumbnail(blob);
  const row = { ...facts, verified: sha256 !== null, storedAt: Date.now(), thumbnail: preview };
  // If the images are deleted from this device after this line, that transaction comes after this one.
  if (!isWanted(image)) return false;
  await store.put(row, blob);
  await idle();
  collectBlobs();
  return true;
}

// Chromium frees a Blob's bytes when the handle is garbage collected, but doesn't count them when it decides whether to
// collect: after 1,000 images the peak is 100 MB higher. It does count an array, which takes no memory until it is written to.
const COLLECTS_BYTES = 128_000_000;
function collectBlobs() {
  try {
    new ArrayBuffer(COLLECTS_BYTES);
  } catch {
    // There is no room for the array, so Chromium collects anyway.
  }
}

// Browsers postpone work such as garbage collection while a page is busy. In a background tab the callback would come late.
const LONGEST_IDLE_MS = 200;
const idle = () => new Promise((done) => {
  if (window.requestIdleCallback && !document.hidden) requestIdleCallback(done, { timeout: LONGEST_IDLE_MS });
  else done();
});

// Fetches overlap, but images are stored one by one to save memory.
let lastStored = Promise.resolve();
function oneByOne(work) {
  const result = lastStored.then(work);
  lastStored = result.catch(() => {});
  return result;
}

async function receiveImage(image, batch, isWanted, onStored) {
  const isLarge = image.bytes > LARGE_BYTES;
  const early = isLarge ? undefined : await fetchImage(image);
  const isStored = await oneByOne(async () => {
    const fetched = isLarge ? await fetchImage(image) : early;
    if (!fetched) image.on_server = false;
    return fetched && storeImage(image, fetched, batch, isWanted);
  });
  if (isStored) await onStored(image.position);
}

/**
 * Store `images`, two at a time, and call `onStored` with each position. An image that `isWanted` no longer wants is dropped.
 * Return the name of the alert for the first error, "" if there was none.
 */
export async function receiveImages(images, batch, isWanted, onStored) {
  const queue = [...images];
  let alert = "";
  const worker = async () => {
    while (queue.length && !alert) {
      try {
        await receiveImage(queue.shift(), batch, isWanted, onStored);
      } catch (error) {
        alert = alertFor(error);
      }
    }
  };
  await Promise.all(Array.from({ length: PARALLEL_FETCHES }, worker));
  return alert;
}

/**
 * Confirm to the server that `images` are stored in this browser, and call `onConfirmed` with its answer.
 * Return the name of the alert for an error, or "".
 */
export async function confirmImages(images, url, csrfToken, onConfirmed) {
  if (!images.length) return "";
  const body = JSON.stringify({ images: images.map(({ position, sha256 }) => ({ position, sha256 })) });
  const headers = { "Content-Type": "application/json", "X-CSRFToken": csrfToken };
  try {
    const response = ensureOk(await fetch(url, { method: "POST", headers, body, signal: AbortSignal.timeout(TIMEOUT_MS) }));
    await onConfirmed(await response.json());
  } catch (error) {
    return alertFor(error);
  }
  for (const image of images) image.confirmed = true;
  return "";
}
