// Finished images come from the server into this browser: fetched, checked, stored, and only then confirmed.
import * as store from "../site/image-store.js";
import { thumbnail } from "./thumbnail.js";
import { Trouble, kindOf, succeeded } from "../site/errors.js";

const AT_ONCE = 2;
const TIMEOUT_MS = 120_000;

// Only https and localhost have crypto.subtle. Elsewhere images are kept but never confirmed, and the
// server keeps its copy to the end of its time.
async function digest(bytes) {
  if (!crypto.subtle) return null;
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function fetchImage(image) {
  // The copy in IndexedDB is enough: none in the browser's cache.
  const response = await fetch(image.url, { cache: "no-store", signal: AbortSignal.timeout(TIMEOUT_MS) });
  if (response.status === 410) return null;
  // Its bytes: a Blob would have to come back from the browser's own process to be hashed.
  const bytes = await succeeded(response).arrayBuffer();
  return { bytes, type: response.headers.get("Content-Type") };
}

async function keep(image, { bytes: file, type }, batch, isWanted) {
  const sha256 = await digest(file);
  if (file.byteLength !== image.bytes || (sha256 && sha256 !== image.sha256)) throw new Trouble("offline");
  const blob = new Blob([file], { type });
  const { position, bytes, width, height, name, prompt } = image;
  const facts = { batch, position, sha256: image.sha256, bytes, width, height, name, prompt, type: blob.type };
  const row = { ...facts, verified: sha256 !== null, storedAt: Date.now(), thumbnail: await thumbnail(blob) };
  // What is deleted from this device from now on is deleted after this image was stored.
  if (!isWanted()) return false;
  await store.put(row, blob);
  await moment();
  collectBlobs();
  return true;
}

// Chromium keeps a Blob's bytes until the handle is collected, and handles count for nothing when it decides whether
// to collect: after 1,000 images the peak is 100 MB higher. An array counts, and takes no memory while nobody writes to it.
const COLLECTS_BYTES = 64_000_000;
function collectBlobs() {
  try {
    new ArrayBuffer(COLLECTS_BYTES);
  } catch {
    // No room even for that: then it is collected now.
  }
}

// Resolves when the browser has done what it puts off while a page works, collecting above all. In the background it
// would be called back late.
const LONGEST_MOMENT_MS = 200;
const moment = () => new Promise((done) => {
  if (window.requestIdleCallback && !document.hidden) requestIdleCallback(done, { timeout: LONGEST_MOMENT_MS });
  else done();
});

// Fetching overlaps, but only one image at a time is in this page's memory.
let turn = Promise.resolve();
function inTurn(work) {
  const mine = turn.then(work);
  turn = mine.catch(() => {});
  return mine;
}

async function take(image, batch, isWanted, onStored) {
  const fetched = await fetchImage(image);
  if (!fetched) {
    image.on_server = false;
    return;
  }
  if (await inTurn(() => keep(image, fetched, batch, isWanted))) await onStored(image.position);
}

/**
 * Store `images`, two at a time, and tell `onStored` each position; return the kind of trouble that stopped it, or "".
 * Those that arrive when they are no longer wanted, as `isWanted` tells, are not stored.
 */
export async function receive(images, batch, isWanted, onStored) {
  const queue = [...images];
  let trouble = "";
  const worker = async () => {
    while (queue.length && !trouble) {
      try {
        await take(queue.shift(), batch, isWanted, onStored);
      } catch (error) {
        trouble = kindOf(error);
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return trouble;
}

/** Tell the server that `images` are on this browser's disk; return the kind of trouble, or "". */
export async function confirm(images, url, csrfToken) {
  if (!images.length) return "";
  const body = JSON.stringify({ images: images.map(({ position, sha256 }) => ({ position, sha256 })) });
  const headers = { "Content-Type": "application/json", "X-CSRFToken": csrfToken };
  try {
    succeeded(await fetch(url, { method: "POST", headers, body, signal: AbortSignal.timeout(TIMEOUT_MS) }));
  } catch (error) {
    return kindOf(error);
  }
  for (const image of images) image.confirmed = true;
  return "";
}
