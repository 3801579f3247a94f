// Sending a form without leaving the page.
import { kindOf, succeeded } from "./errors.js";

const TIMEOUT_MS = 30_000;
const underWay = new WeakSet();

/** Send the form, and resolve to true when the server has done what it asks for; false if it is under way already. */
export async function post(form) {
  if (underWay.has(form)) return false;
  underWay.add(form);
  try {
    const headers = { Accept: "application/json" };
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    // What is done is answered with a redirect. The page that it leads to would show its message to nobody here.
    const answer = await fetch(form.action, { method: "POST", headers, body: new FormData(form), redirect: "manual", signal });
    if (answer.type !== "opaqueredirect") succeeded(answer);
  } finally {
    underWay.delete(form);
  }
  return true;
}

/** Return the name of the alert for what `post` throws: unlike images, a form is not sent again by itself. */
export function refusalOf(error) {
  const kind = kindOf(error);
  return kind === "offline" ? "not-done" : kind;
}
