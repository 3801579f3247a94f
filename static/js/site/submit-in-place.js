// Submits a form without leaving the page.
import { alertFor, ensureOk } from "./errors.js";

const TIMEOUT_MS = 30_000;
const inFlight = new WeakSet();

/** Submit the form. Resolves to true when the server has done it, to false if the form is being submitted already. */
export async function submitInPlace(form) {
  if (inFlight.has(form)) return false;
  inFlight.add(form);
  try {
    const headers = { Accept: "application/json" };
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    // A success is a redirect. Following it would use up the message that is meant for the next page.
    const response = await fetch(form.action, { method: "POST", headers, body: new FormData(form), redirect: "manual", signal });
    if (response.type !== "opaqueredirect") ensureOk(response);
  } finally {
    inFlight.delete(form);
  }
  return true;
}

/** Return the name of the alert for an error of `submitInPlace`. A form is not retried, so "offline" has other words. */
export function submitAlertFor(error) {
  const alert = alertFor(error);
  return alert === "offline" ? "not-done" : alert;
}
