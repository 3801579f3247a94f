// Errors and the names of the alerts that explain them.

/** An error with an alert of its own: "signed-out", "gone", "stale" or "offline". */
export class AlertError extends Error {
  constructor(alert) {
    super(alert);
    this.alert = alert;
  }
}

const BY_STATUS = { 401: "signed-out", 403: "stale", 404: "gone" };

/** Return the response if it is a success, else throw an AlertError. */
export function ensureOk(response) {
  if (!response.ok) throw new AlertError(BY_STATUS[response.status] ?? "offline");
  return response;
}

/** Return the name of the alert for any error. */
export function alertFor(error) {
  if (error instanceof AlertError) return error.alert;
  if (error.name === "QuotaExceededError") return "full";
  // IndexedDB throws DOMExceptions. fetch throws a TypeError, or a DOMException of one of these names.
  if (error instanceof DOMException && !["AbortError", "TimeoutError", "NetworkError"].includes(error.name)) return "no-store";
  return "offline";
}
