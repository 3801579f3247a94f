// A ZIP that only refers to the kept files: this thread reads each once, and beside it a worker computes its checksum.
import * as store from "../site/image-store.js";

const TYPE = "application/zip";

// Firefox copies a Blob of many parts into memory while it saves it, but keeps a streamed one on the disk.
const streamsToDisk = navigator.userAgent.includes("Firefox/");

/**
 * Return the ZIP of the kept images `rows`, in this order, and of the text `extra.text` under `extra.name`.
 * `onProgress` gets the number of images done. Gigabytes are fine: the bytes do not stay in memory.
 */
export async function zip(rows, extra, onProgress) {
  const worker = new Worker(import.meta.resolve("./zip-worker.js"), { type: "module" });
  const blobs = [];
  const spare = [];
  try {
    const parts = await serve(worker, entries(rows, extra, blobs, spare, onProgress), spare);
    return new Blob(parts.map((part) => (typeof part === "number" ? blobs[part] : part)), { type: TYPE });
  } finally {
    worker.terminate();
  }
}

/**
 * Answer the worker's questions until it comes back with the parts of the ZIP; a number stands for that image's bytes.
 * The buffers that it gives back go to `spare`.
 */
function serve(worker, source, spare) {
  return new Promise((resolve, reject) => {
    const handlers = {
      start: () => worker.postMessage({ clientZip: import.meta.resolve("client-zip"), streamsToDisk }),
      next: async (said) => {
        if (said.spare) spare.push(said.spare);
        const { value } = await source.next();
        worker.postMessage(value, value ? [value.input.buffer] : []);
      },
      done: ({ parts }) => resolve(parts),
    };
    worker.addEventListener("message", ({ data }) => Promise.resolve(data).then((said) => handlers[said.kind](said)).catch(reject));
    worker.addEventListener("error", reject);
  });
}

async function* entries(rows, extra, blobs, spare, onProgress) {
  let next = rows.length && read(rows[0], spare);
  for (const [image, row] of rows.entries()) {
    onProgress(image);
    const { blob, input } = await next;
    // While the worker is busy with this one, the next one is read.
    next = image + 1 < rows.length && read(rows[image + 1], spare);
    blobs.push(blob);
    yield { image, name: row.name, lastModified: new Date(row.storedAt), input };
  }
  onProgress(rows.length);
  if (extra) yield { name: extra.name, lastModified: new Date(), input: new TextEncoder().encode(extra.text) };
}

// Whole, or in a few large pieces: a plain stream would hand them over in thousands, which takes twice the time.
async function read(row, spare) {
  const blob = await store.file(row);
  const buffer = spare.pop();
  return { blob, input: (buffer && (await readInto(buffer, blob))) ?? new Uint8Array(await blob.arrayBuffer()) };
}

// The same few buffers again and again: new ones are more work for the system, and stay in memory until they are collected.
async function readInto(buffer, blob) {
  const reader = buffer.byteLength < blob.size ? null : byteReader(blob);
  if (!reader) return null;
  let filled = 0;
  while (filled < blob.size) {
    const { value, done } = await reader.read(new Uint8Array(buffer, filled, blob.size - filled));
    if (done) throw new Error("the file is shorter than it was");
    buffer = value.buffer;
    filled += value.byteLength;
  }
  return new Uint8Array(buffer, 0, filled);
}

// Not every browser's Blobs can be read into a buffer.
function byteReader(blob) {
  try {
    return blob.stream().getReader({ mode: "byob" });
  } catch {
    return null;
  }
}
