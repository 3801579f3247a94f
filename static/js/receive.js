// Finished images come from the server into this browser: fetched, checked, stored, and only then confirmed.
import * as store from "./store.js";
import { thumbnail } from "./thumbnail.js";
import { Trouble, kindOf, succeeded } from "./trouble.js";

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
  const type = succeeded(response).headers.get("Content-Type");
  const bytes = await response.arrayBuffer();
  const sha256 = await digest(bytes);
  if (bytes.byteLength !== image.bytes || (sha256 && sha256 !== image.sha256)) throw new Trouble("offline");
  return { blob: new Blob([bytes], { type }), type, verified: sha256 !== null };
}

async function confirm(images, { confirmUrl, csrfToken }) {
  const body = JSON.stringify({ images: images.map(({ position, sha256 }) => ({ position, sha256 })) });
  const headers = { "Content-Type": "application/json", "X-CSRFToken": csrfToken };
  succeeded(await fetch(confirmUrl, { method: "POST", headers, body }));
  for (const image of images) image.confirmed = true;
}

async function take(image, delivery) {
  const fetched = await fetchImage(image);
  if (!fetched) {
    image.on_server = false;
    return;
  }
  const { blob, type, verified } = fetched;
  const { position, sha256, bytes, width, height, name, prompt } = image;
  const facts = { batch: delivery.batch, position, sha256, bytes, width, height, name, prompt, type, verified };
  await store.put({ ...facts, storedAt: Date.now(), thumbnail: await thumbnail(blob) }, blob);
  await delivery.onStored(position);
  if (verified) await confirm([image], delivery);
}

/**
 * Receive `images` two at a time and tell `delivery.onStored` of each; return the kind of trouble that stopped it, or "".
 * `delivery` has batch, confirmUrl, csrfToken and onStored.
 */
export async function receive(images, delivery) {
  const queue = [...images];
  let trouble = "";
  const worker = async () => {
    while (queue.length && !trouble) {
      try {
        await take(queue.shift(), delivery);
      } catch (error) {
        trouble = kindOf(error);
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return trouble;
}

/** Confirm what was stored before but not confirmed, because the page ended in between; return the kind of trouble, or "". */
export async function confirmAgain(images, delivery) {
  try {
    if (images.length) await confirm(images, delivery);
    return "";
  } catch (error) {
    return kindOf(error);
  }
}
