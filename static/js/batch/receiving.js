// Polls and receives images until the batch is over. One tab at a time does this, and the others show its messages.
import { alertFor } from "../site/errors.js";
import * as store from "../site/image-store.js";
import { showAlert } from "./alerts.js";
import { releaseDownloads } from "./download.js";
import { showRetention } from "./headline.js";
import { areElsewhere, missingImages, storedChanged, storedRows, unconfirmedImages } from "./images.js";
import { wait, wake } from "./interruptible-wait.js";
import { leadOrFollow } from "./leader.js";
import { isBatchOpen, poll, pollOrAlert } from "./polling.js";
import { broadcast, onMessage } from "./tabs.js";
import { showForgotten, showServerCopies, showStored } from "./tiles.js";
import { confirmImages, receiveImages } from "./transfer.js";

const IMAGES_PER_ROUND = 8;
const RETRY_SECONDS = 15;
// Chromium frees the disk some seconds after images were deleted, on a busy machine later.
const FREED_WITHIN_MS = 30_000;
const FREED_SECONDS = 5;

const { batch, confirmUrl } = document.querySelector("[data-batch]").dataset;
const csrfToken = document.querySelector("[name=csrfmiddlewaretoken]").value;
// The key in localStorage of what the customer has deleted from this device: EVERYTHING, including images that are made
// later, or, if this browser was full, the positions that were stored, to make room for the other images.
const DELETED = `away:${batch}`;
const EVERYTHING = 1;
let isFull = false;
let forgottenAt = -Infinity;

/** Whether the customer has deleted images of this batch from this device, and not asked for them again. */
export const hasDeleted = () => localStorage.getItem(DELETED) !== null;

const deleted = () => JSON.parse(localStorage.getItem(DELETED) ?? "[]");
const isWantedBut = (gone) => ({ position }) => gone !== EVERYTHING && !gone.includes(position);
const wantedImages = () => missingImages().filter(isWantedBut(deleted()));
const isWanted = (image) => isWantedBut(deleted())(image);
const retryDelay = () => RETRY_SECONDS * (1 + Math.random());

const isRoomToCome = (alert) => alert === "full" && performance.now() - forgottenAt < FREED_WITHIN_MS;

// The alert that explains why there are no images to see, "" if it is not needed.
function absenceAlert() {
  if (hasDeleted()) return "away";
  return areElsewhere() ? "elsewhere" : "";
}

onMessage("stored", async (position) => {
  const row = await store.row(batch, position);
  if (row) showStored(row);
  storedChanged();
});

onMessage("alert", async (name) => {
  isFull = name === "full";
  showAlert(name);
  if (name === "no-store") showServerCopies();
});

onMessage("forgotten", async () => {
  forgottenAt = performance.now();
  releaseDownloads();
  showForgotten();
  showAlert(absenceAlert());
  storedChanged();
  // There may be room now.
  wake();
});

onMessage("retention", showRetention);

/**
 * Delete the images of this batch from this device. If there was no room for the others, receive those, otherwise none
 * until `receiveAgain`.
 */
export async function forgetImages() {
  const gone = deleted();
  const makesRoom = gone !== EVERYTHING && (isFull || gone.length);
  const now = makesRoom ? [...gone, ...storedRows().map(({ position }) => position)] : EVERYTHING;
  localStorage.setItem(DELETED, JSON.stringify(now));
  await store.remove(batch);
  await broadcast("forgotten");
}

/** Receive the images again that are still on the server. */
export async function receiveAgain() {
  localStorage.removeItem(DELETED);
  await broadcast("alert", absenceAlert());
  wake();
  startReceiving();
}

// Poll, store some images, and confirm those that are stored, including those that an earlier page could not confirm.
// Return the number of seconds until the next round, null if there is none.
async function round() {
  const nextSeconds = await poll();
  const coming = wantedImages().slice(0, IMAGES_PER_ROUND);
  const storeAlert = await receiveImages(coming, batch, isWanted, (position) => broadcast("stored", position));
  // Another tab may have deleted the images while the last one was being stored.
  if (coming.length && deleted() === EVERYTHING) await forgetImages();
  const alert = await confirmImages(unconfirmedImages(), confirmUrl, csrfToken, ({ retention }) => broadcast("retention", retention)) || storeAlert;
  const isBeingFreed = isRoomToCome(alert);
  await broadcast("alert", isBeingFreed ? "away" : alert || absenceAlert());
  if (isBeingFreed) return FREED_SECONDS;
  if (alert) return retryDelay();
  if (wantedImages().length) return 0;
  return isBatchOpen() ? nextSeconds : null;
}

async function receive() {
  for (let seconds = 0; seconds !== null;) {
    await wait(seconds);
    try {
      seconds = await round();
    } catch (error) {
      const alert = alertFor(error);
      await broadcast("alert", alert);
      seconds = alert === "gone" ? null : retryDelay();
    }
  }
}

let isStarted = false;

/** Receive images, or wait until the tab that does so is closed. */
export async function startReceiving() {
  if (isStarted) return;
  isStarted = true;
  await leadOrFollow(`receive-${batch}`, receive, pollOrAlert);
  isStarted = false;
}
