// What this page knows about the images of its batch: those that the server has made, and those stored in this browser.

// position -> { position, url, name, prompt, sha256, bytes, width, height, on_server, confirmed }
const made = new Map();
// position -> the image's row in the image store (../site/image-store.js)
const stored = new Map();
const changes = new EventTarget();

export const addMade = (image) => made.set(image.position, image);
export const removeMade = (position) => made.delete(position);
export const madeImages = () => Array.from(made.values());
export const madeCount = () => made.size;

export const addStored = (row) => stored.set(row.position, row);
export const removeAllStored = () => stored.clear();
export const storedRow = (position) => stored.get(position);
export const storedCount = () => stored.size;

/** Return the rows of the stored images in list order. */
export const storedRows = () => Array.from(stored.values()).sort((one, other) => one.position - other.position);

/** Whether the image that the server made last is stored here. A retry makes another one. */
export const isStored = (position) => stored.has(position) && stored.get(position).sha256 === (made.get(position)?.sha256 ?? "");

/** Return the images that the server has and this browser does not. */
export const missingImages = () => madeImages().filter((image) => image.on_server && !isStored(image.position));

/** Return the images that are stored here, but not yet confirmed to the server. */
export const unconfirmedImages = () =>
  madeImages().filter(({ position, on_server, confirmed }) => on_server && !confirmed && isStored(position) && storedRow(position).verified);

/** Whether there are images, but none in this browser and none on the server. */
export const areElsewhere = () => made.size > 0 && stored.size === 0 && missingImages().length === 0;

/** Call `listener` whenever images have been stored or deleted in this browser. */
export const onStoredChange = (listener) => changes.addEventListener("change", listener);

/** Call the listeners of `onStoredChange`. Not done for each image, because a page may add a thousand at once. */
export const storedChanged = () => changes.dispatchEvent(new Event("change"));
