// Asks the server for the progress of the batch, and shows the answer in every tab of this batch.
import { alertFor, ensureOk } from "../site/errors.js";
import { showAlert } from "./alerts.js";
import { showHeadline, showSentence } from "./headline.js";
import { wake } from "./interruptible-wait.js";
import { removeMessages } from "./messages.js";
import { broadcast, onMessage } from "./tabs.js";
import { showCard } from "./tiles.js";

const TIMEOUT_MS = 30_000;

const { dataset } = document.querySelector("[data-batch]");
let revision = Number(dataset.revision);
let nextSeconds = 2;
// A cancelled batch stays open until its last image has arrived.
let isOpen = dataset.open === "1";

export const isBatchOpen = () => isOpen;
// "We’re retrying 2 prompts."
if (!isOpen) removeMessages("success");

/** Ask for what has changed. Return the number of seconds to wait before the next poll. */
export async function poll() {
  const headers = { Accept: "application/json" };
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  const since = revision;
  const response = ensureOk(await fetch(`${dataset.progressUrl}?since=${since}`, { headers, signal, cache: "no-store" }));
  const answer = await response.json();
  await broadcast("progress", { ...answer, since });
  // An answer without changes has no pace of its own.
  nextSeconds = answer.next_seconds ?? nextSeconds;
  return nextSeconds;
}

/** Poll, and show an alert if that fails. */
export const pollOrAlert = () => poll().catch((error) => showAlert(alertFor(error)));

/** Poll now, and end the wait for the next round. */
export async function pollNow() {
  await poll();
  wake();
}

onMessage("progress", async (answer) => {
  if (answer.revision < revision) return;
  if (!answer.changed) {
    if (answer.headline) showSentence(answer.headline);
    return;
  }
  // The tab that polled was opened later than this one, so its answer lacks some of the changes.
  if (answer.since > revision) {
    await pollOrAlert();
    return;
  }
  ({ revision, is_open: isOpen } = answer);
  showHeadline(answer);
  if (!isOpen) removeMessages("success");
  for (const card of answer.changed) showCard(card);
});
