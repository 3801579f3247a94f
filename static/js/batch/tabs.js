// Messages between the tabs that show this batch. The tab that sends a message handles it as well.
const { batch } = document.querySelector("[data-batch]").dataset;
const channel = new BroadcastChannel(`batch-${batch}`);
const handlers = {};

/** Call `handler` with the value of each message of this kind, from this tab or another. */
export function onMessage(kind, handler) {
  handlers[kind] = handler;
}

/** Send a message to all tabs. Resolves when this tab has handled it. */
export async function broadcast(kind, value) {
  channel.postMessage({ kind, value });
  await handlers[kind](value);
}

// A tab opened before a deployment may send kinds that this one doesn't know.
channel.addEventListener("message", ({ data }) => handlers[data.kind]?.(data.value));
