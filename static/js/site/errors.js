// What can go wrong while images arrive, by the names of the page's alerts.

/** An error that has an alert of its own: "signed-out", "gone", "stale", "offline". */
export class Trouble extends Error {
  constructor(kind) {
    super(kind);
    this.kind = kind;
  }
}

const BY_STATUS = { 401: "signed-out", 403: "stale", 404: "gone" };

/** Return the response if it is a success, else throw its Trouble. */
export function succeeded(response) {
  if (!response.ok) throw new Trouble(BY_STATUS[response.status] ?? "offline");
  return response;
}

/** Return the name of the alert for any error. */
export function kindOf(error) {
  if (error instanceof Trouble) return error.kind;
  if (error.name === "QuotaExceededError") return "full";
  // What IndexedDB throws; fetch throws TypeError, and time-outs are named as such.
  if (error instanceof DOMException && !["AbortError", "TimeoutError", "NetworkError"].includes(error.name)) return "no-store";
  return "offline";
}
