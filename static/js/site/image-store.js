// What this browser keeps: store "image" has the facts and the thumbnail of each image, store "blob" the file itself.
// Both have the key [batch, position]. One transaction writes both, so neither is ever there alone.
import { openDB } from "idb";

const STORES = ["image", "blob"];
let opening;

function open() {
  opening ??= openDB("images-in-bulk", 1, {
    upgrade(database) {
      database.createObjectStore("image", { keyPath: ["batch", "position"] });
      database.createObjectStore("blob");
    },
    // A newer version of the page wants to upgrade: let it.
    blocking(_now, _next, event) { event.target.close(); opening = undefined; },
    terminated() { opening = undefined; },
  });
  opening.catch(() => { opening = undefined; });
  return opening;
}

// Arrays sort after numbers: this covers every position of the batch.
const ofBatch = (batch) => IDBKeyRange.bound([batch], [batch, []]);

const asBlob = (value, type) => (value instanceof ArrayBuffer ? new Blob([value], { type }) : value);

const readable = (row) => ({ ...row, thumbnail: row.thumbnail && asBlob(row.thumbnail, "image/jpeg") });

/** Return the kept images of a batch in list order, at most `count`; files are not read. */
export async function rows(batch, count) {
  const found = await (await open()).getAll("image", ofBatch(batch), count);
  return found.map(readable);
}

/** Return what is kept of one image, undefined if it is not. */
export async function row(batch, position) {
  const found = await (await open()).get("image", [batch, position]);
  return found && readable(found);
}

/** Return the file of a kept image. */
export async function file({ batch, position, type }) {
  return asBlob(await (await open()).get("blob", [batch, position]), type);
}

async function write(row, value) {
  const transaction = (await open()).transaction(STORES, "readwrite", { durability: "strict" });
  const written = [transaction.objectStore("image").put(row), transaction.objectStore("blob").put(value, [row.batch, row.position])];
  // A full quota shows at the end of the transaction, not at the puts.
  await Promise.all([...written, transaction.done]);
}

/** Keep an image; resolves only when it is on the disk. Rejects with QuotaExceededError when there is no room. */
export async function put(row, blob) {
  try {
    await write(row, blob);
  } catch (error) {
    if (error.name === "QuotaExceededError") throw error;
    // Private windows of Safari refuse Blobs (WebKit bug 156347) but take their bytes.
    const thumbnail = row.thumbnail && await row.thumbnail.arrayBuffer();
    await write({ ...row, thumbnail }, await blob.arrayBuffer());
  }
}

/** Forget all images of a batch. */
export async function remove(batch) {
  const transaction = (await open()).transaction(STORES, "readwrite");
  await Promise.all([...STORES.map((name) => transaction.objectStore(name).delete(ofBatch(batch))), transaction.done]);
}

/** Delete the images of all batches. */
export async function clear() {
  const transaction = (await open()).transaction(STORES, "readwrite");
  await Promise.all([...STORES.map((name) => transaction.objectStore(name).clear()), transaction.done]);
}

// Another tab has deleted all that the browser stores (sign-out.js): what this page still receives must not be stored.
addEventListener("storage", ({ key }) => { if (key === null) location.reload(); });
