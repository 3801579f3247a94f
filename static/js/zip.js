// A ZIP that only refers to the kept files: this thread reads each once, and beside it a worker computes its checksum.
import * as store from "./store.js";

const TYPE = "application/zip";

// Firefox copies a Blob of many parts into memory while it saves it, but keeps a streamed one on the disk.
const streamsToDisk = navigator.userAgent.includes("Firefox/");

/**
 * Return the ZIP of the kept images `rows`, in this order, and of the text `extra.text` under `extra.name`.
 * `onProgress` gets the number of images done. Gigabytes are fine: the bytes do not stay in memory.
 */
export async function zip(rows, extra, onProgress) {
  const worker = new Worker(import.meta.resolve("./zip_worker.js"), { type: "module" });
  const blobs = [];
  try {
    const parts = await serve(worker, entries(rows, extra, blobs, onProgress));
    return new Blob(parts.map((part) => (typeof part === "number" ? blobs[part] : part)), { type: TYPE });
  } finally {
    worker.terminate();
  }
}

/** Answer the worker's questions until it comes back with the parts of the ZIP; a number stands for that image's bytes. */
function serve(worker, source) {
  return new Promise((resolve, reject) => {
    const handlers = {
      start: () => worker.postMessage({ clientZip: import.meta.resolve("client-zip"), streamsToDisk }),
      next: async () => {
        const { value } = await source.next();
        worker.postMessage(value, value ? [value.input.buffer] : []);
      },
      done: ({ parts }) => resolve(parts),
    };
    worker.addEventListener("message", ({ data }) => Promise.resolve(data).then((said) => handlers[said.kind](said)).catch(reject));
    worker.addEventListener("error", reject);
  });
}

async function* entries(rows, extra, blobs, onProgress) {
  let next = rows.length && read(rows[0]);
  for (const [image, row] of rows.entries()) {
    onProgress(image);
    const { blob, input } = await next;
    // While the worker is busy with this one, the next one is read.
    next = image + 1 < rows.length && read(rows[image + 1]);
    blobs.push(blob);
    yield { image, name: row.name, lastModified: new Date(row.storedAt), input };
  }
  onProgress(rows.length);
  if (extra) yield { name: extra.name, lastModified: new Date(), input: new TextEncoder().encode(extra.text) };
}

// Whole at once: a stream would hand them over in thousands of small pieces, which takes twice the time.
async function read(row) {
  const blob = await store.file(row);
  return { blob, input: new Uint8Array(await blob.arrayBuffer()) };
}
