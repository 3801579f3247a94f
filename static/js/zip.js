// A ZIP that only refers to the kept files: client-zip writes the structures and reads each file once for its checksum.
import { makeZip } from "client-zip";
import * as store from "./store.js";

const TYPE = "application/zip";

// Firefox copies a Blob of many parts into memory while it saves it, but keeps a streamed one on the disk.
const streamsToDisk = navigator.userAgent.includes("Firefox/");

/**
 * Return the ZIP of the kept images `rows`, in this order, and of the text `extra.text` under `extra.name`.
 * `onProgress` gets the number of images done. Gigabytes are fine: the bytes do not stay in memory.
 */
export async function zip(rows, extra, onProgress) {
  // The bytes of each image -> its Blob.
  const origin = new WeakMap();
  const stream = makeZip(entries(rows, extra, origin, onProgress), { buffersAreUTF8: true });
  return streamsToDisk ? new Response(stream, { headers: { "Content-Type": TYPE } }).blob() : byReference(stream, origin);
}

async function* entries(rows, extra, origin, onProgress) {
  let next = rows.length && read(rows[0]);
  for (const [done, row] of rows.entries()) {
    onProgress(done);
    const { blob, bytes } = await next;
    // While this one's checksum is computed, the next one is read.
    next = done + 1 < rows.length && read(rows[done + 1]);
    origin.set(bytes, blob);
    yield { name: row.name, lastModified: new Date(row.storedAt), input: bytes };
  }
  onProgress(rows.length);
  if (extra) yield { name: extra.name, lastModified: new Date(), input: extra.text };
}

// Whole at once: a stream would hand them over in thousands of small pieces, which takes twice the time.
async function read(row) {
  const blob = await store.file(row);
  return { blob, bytes: new Uint8Array(await blob.arrayBuffer()) };
}

// client-zip passes our bytes on unchanged, so they can be replaced by the Blob that they came from.
async function byReference(stream, origin) {
  const parts = [];
  const reader = stream.getReader();
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return new Blob(parts, { type: TYPE });
    parts.push(origin.get(value) ?? value);
  }
}
