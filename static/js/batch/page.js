// The batch page: one tab at a time asks the server and receives, the others hear of it.
import { showAlert } from "./alerts.js";
import { showHeadline } from "./headline.js";
import { confirm, receive } from "./transfer.js";
import { sleep, wake } from "./interruptible-wait.js";
import * as store from "../site/image-store.js";
import { elsewhere, missing, readTiles, showCard, showForgotten, showKept, showServersCopies, unconfirmed } from "./tiles.js";
import { kindOf, succeeded } from "../site/errors.js";
import { whenLoaded } from "./when-loaded.js";

const AT_A_TIME = 8;
const TROUBLED_SECONDS = 15;
const TIMEOUT_MS = 30_000;

const page = document.querySelector("[data-batch]");
const { batch, progressUrl, confirmUrl } = page.dataset;
const csrfToken = document.querySelector("[name=csrfmiddlewaretoken]").value;
const channel = new BroadcastChannel(`batch-${batch}`);
// Set while the customer wants the images of this batch elsewhere, not on this device.
const AWAY = `away:${batch}`;

let revision = Number(page.dataset.revision);
let nextSeconds = 2;
// Also after cancelling, while the image in flight is still to come.
let isOpen = page.dataset.open === "1";

const hear = {
  async progress(answer) {
    if (answer.revision < revision || !answer.changed) return;
    // The tab that tells of it was opened later than this one: what changed in between is not in its answer.
    if (answer.since > revision) {
      await ask().catch((error) => showAlert(kindOf(error)));
      return;
    }
    ({ revision, is_open: isOpen } = answer);
    showHeadline(answer);
    for (const card of answer.changed) showCard(card);
  },
  async stored(position) {
    const row = await store.row(batch, position);
    if (row) showKept(row);
    document.dispatchEvent(new CustomEvent("kept"));
  },
  async trouble(kind) {
    showAlert(kind);
    if (kind === "no-store") showServersCopies();
  },
  async forgotten() {
    showForgotten();
    showAlert(whereabouts());
    document.dispatchEvent(new CustomEvent("kept"));
  },
};

async function tell(kind, value) {
  channel.postMessage({ kind, value });
  await hear[kind](value);
}

channel.addEventListener("message", ({ data }) => hear[data.kind](data.value));

/** Delete this batch's images from this device, and leave them away until `comeBack`. */
export async function forget() {
  localStorage.setItem(AWAY, "1");
  await store.remove(batch);
  await tell("forgotten");
}

/** Receive the images again that the server still has. */
export async function comeBack() {
  localStorage.removeItem(AWAY);
  await tell("forgotten");
  attend();
}

/** Ask for news at once, and go on asking at the pace that they call for. */
export async function refresh() {
  await ask();
  wake();
}

async function ask() {
  const headers = { Accept: "application/json" };
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  const since = revision;
  const answer = await (succeeded(await fetch(`${progressUrl}?since=${since}`, { headers, signal, cache: "no-store" }))).json();
  await tell("progress", { ...answer, since });
  // An answer without news leaves the pace as it was.
  nextSeconds = answer.next_seconds ?? nextSeconds;
  return nextSeconds;
}

const isWanted = () => !localStorage.getItem(AWAY);

const wanted = () => (isWanted() ? missing() : []);

// The alert that says where the images are, if neither here nor on their way.
const whereabouts = () => (isWanted() ? elsewhere() : "away");

// One round: ask, store some, then confirm what is stored, also what an earlier page could not confirm any more.
// Return the seconds to the next round, null at the end.
async function round() {
  const seconds = await ask();
  const coming = wanted().slice(0, AT_A_TIME);
  const unstored = await receive(coming, batch, isWanted, (position) => tell("stored", position));
  // Deleted in another tab, whose word may have come a moment too late: they must not stay.
  if (coming.length && !isWanted()) await forget();
  const trouble = await confirm(unconfirmed(), confirmUrl, csrfToken) || unstored;
  await tell("trouble", trouble || whereabouts());
  if (trouble) return TROUBLED_SECONDS * (1 + Math.random());
  if (wanted().length) return 0;
  return isOpen ? seconds : null;
}

async function lead() {
  for (let seconds = 0; seconds !== null;) {
    await sleep(seconds);
    try {
      seconds = await round();
    } catch (error) {
      const kind = kindOf(error);
      await tell("trouble", kind);
      seconds = kind === "gone" ? null : TROUBLED_SECONDS * (1 + Math.random());
    }
  }
}

let attending = false;

/** Receive, or if another tab does, follow it and stand by. */
async function attend() {
  if (attending) return;
  attending = true;
  const name = `receive-${batch}`;
  // Without https there are no locks; then each tab receives, which is wasteful but right.
  const { locks } = navigator;
  const led = locks ? await locks.request(name, { ifAvailable: true }, async (lock) => lock && (await lead(), true)) : (await lead(), true);
  if (!led) {
    await ask().catch((error) => showAlert(kindOf(error)));
    await locks.request(name, lead);
  }
  attending = false;
}

readTiles();
for (const row of await store.rows(batch).catch(() => [])) showKept(row);
document.dispatchEvent(new CustomEvent("kept"));
// A finished batch is not asked about any more, but it may have been retried elsewhere.
document.addEventListener("visibilitychange", () => { if (!document.hidden) attend(); });
whenLoaded(attend);
