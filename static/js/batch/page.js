// Starts the batch page: shows the images that this browser stores, then receives the others.
import * as store from "../site/image-store.js";
import { storedChanged } from "./images.js";
import { startReceiving } from "./receiving.js";
import { readTiles, showStored } from "./tiles.js";
import { whenLoaded } from "./when-loaded.js";

const { batch } = document.querySelector("[data-batch]").dataset;

readTiles();
for (const row of await store.rows(batch).catch(() => [])) showStored(row);
storedChanged();
// A finished batch is not polled, but it may have been retried on another device.
document.addEventListener("visibilitychange", () => { if (!document.hidden) startReceiving(); });
whenLoaded(startReceiving);
