// The images in this browser: the store "image" has the facts and the thumbnail of each image, "blob" has the file.
// Both have the key [batch, position]. One transaction writes both, so neither is there without the other.
// The store "reference" has copies of reference photos, which the server deletes when their batch ends. Their key is
// [batch, number], or [key of the draft, id] until there is a batch.
import { openDB } from "idb";

const IMAGE_STORES = ["image", "blob"];
const STORES = [...IMAGE_STORES, "reference"];
let opening;

async function open() {
  // Some private windows and hardened browsers have none.
  if (!window.indexedDB) throw new DOMException("no IndexedDB", "NotSupportedError");
  opening ??= openDB("images-in-bulk", 2, {
    upgrade(database, oldVersion) {
      if (oldVersion < 1) {
        database.createObjectStore("image", { keyPath: ["batch", "position"] });
        database.createObjectStore("blob");
      }
      if (oldVersion < 2) database.createObjectStore("reference");
    },
    // A newer version of the page wants to upgrade the database.
    blocking(_now, _next, event) { event.target.close(); opening = undefined; },
    terminated() { opening = undefined; },
  });
  opening.catch(() => { opening = undefined; });
  return opening;
}

// IndexedDB sorts arrays after numbers, so this range has every position of the batch.
const ofBatch = (batch) => IDBKeyRange.bound([batch], [batch, []]);

const asBlob = (value, type) => (value instanceof ArrayBuffer ? new Blob([value], { type }) : value);

const readable = (row) => ({ ...row, thumbnail: row.thumbnail && asBlob(row.thumbnail, "image/jpeg") });

/** Return the stored images of a batch in list order, at most `count`, without their files. */
export async function rows(batch, count) {
  const found = await (await open()).getAll("image", ofBatch(batch), count);
  return found.map(readable);
}

/** Return one stored image without its file, undefined if it is not stored. */
export async function row(batch, position) {
  const found = await (await open()).get("image", [batch, position]);
  return found && readable(found);
}

/** Return the file of a stored image. */
export async function file({ batch, position, type }) {
  return asBlob(await (await open()).get("blob", [batch, position]), type);
}

async function write(row, value) {
  const transaction = (await open()).transaction(IMAGE_STORES, "readwrite", { durability: "strict" });
  const written = [transaction.objectStore("image").put(row), transaction.objectStore("blob").put(value, [row.batch, row.position])];
  // A full quota rejects at the end of the transaction, not at the puts.
  await Promise.all([...written, transaction.done]);
}

/** Store an image. Resolves when it is on the disk, rejects with QuotaExceededError if there is no room. */
export async function put(row, blob) {
  try {
    await write(row, blob);
  } catch (error) {
    if (error.name === "QuotaExceededError") throw error;
    // Private windows of Safari cannot store Blobs (WebKit bug 156347), but they can store the bytes.
    const thumbnail = row.thumbnail && await row.thumbnail.arrayBuffer();
    await write({ ...row, thumbnail }, await blob.arrayBuffer());
  }
}

/** Store a copy of a reference photo. */
export async function saveCopy(scope, key, blob) {
  const database = await open();
  // The bytes, because private windows of Safari cannot store Blobs.
  await database.put("reference", { type: blob.type, bytes: await blob.arrayBuffer() }, [scope, key]);
}

const restored = ({ type, bytes }) => new Blob([bytes], { type });

/** Return the copy of a reference photo, undefined if there is none. */
export async function copy(scope, key) {
  const found = await (await open()).get("reference", [scope, key]);
  return found && restored(found);
}

/** Return all copies of a batch by their number. */
export async function copies(scope) {
  const database = await open();
  const [keys, found] = await Promise.all([database.getAllKeys("reference", ofBatch(scope)), database.getAll("reference", ofBatch(scope))]);
  return new Map(keys.map(([, key], index) => [key, restored(found[index])]));
}

export async function removeCopy(scope, key) {
  await (await open()).delete("reference", [scope, key]);
}

/** Delete the images of a batch and the copies of its reference photos. */
export async function remove(batch) {
  const transaction = (await open()).transaction(STORES, "readwrite");
  await Promise.all([...STORES.map((name) => transaction.objectStore(name).delete(ofBatch(batch))), transaction.done]);
}

/** Delete the images and the copies of all batches. */
export async function clear() {
  if (!window.indexedDB) return;
  const transaction = (await open()).transaction(STORES, "readwrite");
  await Promise.all([...STORES.map((name) => transaction.objectStore(name).clear()), transaction.done]);
}

// Another tab has deleted everything (sign-out.js), so this page must not store any more images.
addEventListener("storage", ({ key }) => { if (key === null) location.reload(); });
