// What the server sends instead of a fragment. The sign-in page (200) means that the session has ended.
const PROBLEMS = { 200: "signed-out", 403: "signed-out", 413: "too-large", 429: "too-often" };

/**
 * Post the fields. Return the element of the answer that matches `selector`, whether it is a success, and after how many
 * seconds to ask again (0: never). Without such an element, or without an answer, return the name of the `problem`.
 */
export async function postForFragment(url, fields, selector, signal) {
  try {
    const response = await fetch(url, { method: "POST", body: fields, signal });
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const fragment = page.querySelector(selector);
    const problem = fragment ? "" : PROBLEMS[response.status] ?? "offline";
    return { fragment, problem, isOk: response.ok, retryAfter: Number(response.headers.get("Retry-After")) };
  } catch {
    return { problem: "offline", isOk: false, retryAfter: 0 };
  }
}
