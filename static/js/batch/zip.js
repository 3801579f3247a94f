// Makes a ZIP that refers to the stored files. This thread reads each file once, and a worker computes its checksum.
import * as store from "../site/image-store.js";

const TYPE = "application/zip";

// Firefox copies a Blob of many parts into memory to save it, but writes a streamed one to the disk.
const streamsToDisk = navigator.userAgent.includes("Firefox/");

/**
 * Return the ZIP of the stored images `rows`, in this order, with `extra.bytes` as a file called `extra.name`.
 * `onProgress` is called with the number of images done. The ZIP is not held in memory, so it may have gigabytes.
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
 * Answer the worker until it sends the parts of the ZIP. A number stands for the bytes of that image.
 * The buffers that it returns are added to `spare`.
 */
function serve(worker, source, spare) {
  return new Promise((resolve, reject) => {
    const handlers = {
      start: () => worker.postMessage({ clientZip: import.meta.resolve("client-zip"), streamsToDisk }),
      next: async (message) => {
        if (message.spare) spare.push(message.spare);
        const { value } = await source.next();
        worker.postMessage(value, value ? [value.input.buffer] : []);
      },
      done: ({ parts }) => resolve(parts),
    };
    worker.addEventListener("message", ({ data }) => Promise.resolve(data).then((message) => handlers[message.kind](message)).catch(reject));
    worker.addEventListener("error", reject);
  });
}

async function* entries(rows, extra, blobs, spare, onProgress) {
  let next = rows.length && read(rows[0], spare);
  for (const [image, row] of rows.entries()) {
    onProgress(image);
    const { blob, input } = await next;
    // Read the next image while the worker computes the checksum of this one.
    next = image + 1 < rows.length && read(rows[image + 1], spare);
    blobs.push(blob);
    yield { image, name: row.name, lastModified: new Date(row.storedAt), input };
  }
  onProgress(rows.length);
  if (extra) yield { name: extra.name, lastModified: new Date(), input: extra.bytes };
}

// Reads the file whole or in a few large pieces: a plain stream has thousands of pieces and takes twice as long.
async function read(row, spare) {
  const blob = await store.file(row);
  const buffer = spare.pop();
  return { blob, input: (buffer && (await readInto(buffer, blob))) ?? new Uint8Array(await blob.arrayBuffer()) };
}

// Reuses a few buffers: new ones take longer, and stay in memory until they are garbage collected.
async function readInto(buffer, blob) {
  const reader = buffer.byteLength < blob.size ? null : byteReader(blob);
  if (!reader) return null;
  let filled = 0;
  while (filled < blob.size) {
    const { value, done } = await reader.read(new Uint8Array(buffer, filled, blob.size - filled));
    if (done) throw new Error("the file has become shorter");
    buffer = value.buffer;
    filled += value.byteLength;
  }
  return new Uint8Array(buffer, 0, filled);
}

// null in browsers that cannot read a Blob into a buffer.
function byteReader(blob) {
  try {
    return blob.stream().getReader({ mode: "byob" });
  } catch {
    return null;
  }
}
