// Polls and receives images until the batch is over. One tab at a time does this, and the others show its messages.
import { alertFor } from "../site/errors.js";
import * as store from "../site/image-store.js";
import { showAlert } from "./alerts.js";
import { showRetention } from "./headline.js";
import { areElsewhere, missingImages, storedChanged, unconfirmedImages } from "./images.js";
import { wait } from "./interruptible-wait.js";
import { leadOrFollow } from "./leader.js";
import { isBatchOpen, poll, pollOrAlert } from "./polling.js";
import { broadcast, onMessage } from "./tabs.js";
import { showForgotten, showServerCopies, showStored } from "./tiles.js";
import { confirmImages, receiveImages } from "./transfer.js";

const IMAGES_PER_ROUND = 8;
const RETRY_SECONDS = 15;

const { batch, confirmUrl } = document.querySelector("[data-batch]").dataset;
const csrfToken = document.querySelector("[name=csrfmiddlewaretoken]").value;
// Set in localStorage after the customer has deleted the images of this batch from this device.
const AWAY = `away:${batch}`;

const isWanted = () => !localStorage.getItem(AWAY);
const wantedImages = () => (isWanted() ? missingImages() : []);
const retryDelay = () => RETRY_SECONDS * (1 + Math.random());

// The alert that explains why there are no images to see, "" if it is not needed.
function absenceAlert() {
  if (!isWanted()) return "away";
  return areElsewhere() ? "elsewhere" : "";
}

onMessage("stored", async (position) => {
  const row = await store.row(batch, position);
  if (row) showStored(row);
  storedChanged();
});

onMessage("alert", async (name) => {
  showAlert(name);
  if (name === "no-store") showServerCopies();
});

onMessage("forgotten", async () => {
  showForgotten();
  showAlert(absenceAlert());
  storedChanged();
});

onMessage("retention", showRetention);

/** Delete the images of this batch from this device, and receive none until `receiveAgain`. */
export async function forgetImages() {
  localStorage.setItem(AWAY, "1");
  await store.remove(batch);
  await broadcast("forgotten");
}

/** Receive the images again that are still on the server. */
export async function receiveAgain() {
  localStorage.removeItem(AWAY);
  await broadcast("forgotten");
  startReceiving();
}

// Poll, store some images, and confirm those that are stored, including those that an earlier page could not confirm.
// Return the number of seconds until the next round, null if there is none.
async function round() {
  const nextSeconds = await poll();
  const coming = wantedImages().slice(0, IMAGES_PER_ROUND);
  const storeAlert = await receiveImages(coming, batch, isWanted, (position) => broadcast("stored", position));
  // Another tab may have deleted the images while the last one was being stored.
  if (coming.length && !isWanted()) await forgetImages();
  const alert = await confirmImages(unconfirmedImages(), confirmUrl, csrfToken, ({ retention }) => broadcast("retention", retention)) || storeAlert;
  await broadcast("alert", alert || absenceAlert());
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
