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
  // Each chunk of an image -> its Blob for the first chunk, null for the rest.
  const origin = new WeakMap();
  const stream = makeZip(entries(rows, extra, origin, onProgress), { buffersAreUTF8: true });
  return streamsToDisk ? new Response(stream, { headers: { "Content-Type": TYPE } }).blob() : byReference(stream, origin);
}

async function* entries(rows, extra, origin, onProgress) {
  for (const [done, row] of rows.entries()) {
    onProgress(done);
    const blob = await store.file(row);
    yield { name: row.name, size: blob.size, lastModified: new Date(row.storedAt), input: chunks(blob, origin) };
  }
  onProgress(rows.length);
  if (extra) yield { name: extra.name, lastModified: new Date(), input: extra.text };
}

async function* chunks(blob, origin) {
  const reader = blob.stream().getReader();
  for (let first = blob; ; first = null) {
    const { value, done } = await reader.read();
    if (done) return;
    origin.set(value, first);
    yield value;
  }
}

// client-zip passes our chunks on unchanged, so each run of them can be replaced by the Blob that they came from.
async function byReference(stream, origin) {
  const parts = [];
  const reader = stream.getReader();
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return new Blob(parts, { type: TYPE });
    if (!origin.has(value)) parts.push(value);
    else if (origin.get(value)) parts.push(origin.get(value));
  }
}
