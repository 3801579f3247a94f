// Updates the bill next to the form while the customer types.
import { postForFragment } from "./post-for-fragment.js";

const TYPING_PAUSE_MS = 400;

// A longer bill moves the submit button down, so it must not appear between the press and the release of a click.
async function whenReleased(form) {
  while (form.matches(":active")) await new Promise((done) => setTimeout(done, 50));
}

// Messages about an earlier state of the list, such as those of a form that was sent with errors.
function removeOldErrors(form) {
  for (const error of form.querySelectorAll("[role=alert]:not([data-problem]), .errors")) error.remove();
  for (const field of form.querySelectorAll("[aria-invalid]")) field.removeAttribute("aria-invalid");
}

function keepUpToDate(form) {
  const place = form.querySelector("[data-bill]");
  const status = form.querySelector("[data-bill-status]");
  let request = new AbortController();
  let timer;
  let isEdited = false;

  const template = (name) => form.querySelector(`template[data-bill="${name}"]`).content.firstElementChild.cloneNode(true);

  function show(fragment) {
    place.replaceChildren(fragment);
    place.removeAttribute("aria-busy");
    // Screen readers read each change, even to the same text.
    const text = fragment.dataset.say ?? "";
    if (status.textContent !== text) status.textContent = text;
  }

  async function refresh() {
    request.abort();
    request = new AbortController();
    const { signal } = request;
    if (!form.elements.prompts.value.trim()) {
      show(template("empty"));
      return;
    }
    place.setAttribute("aria-busy", "true");
    const answer = await postForFragment(form.dataset.billUrl, new FormData(form), "[data-bill-fragment]", signal);
    await whenReleased(form);
    // The form has changed since.
    if (signal.aborted) return;
    if (isEdited && answer.fragment && answer.isOk) removeOldErrors(form);
    show(answer.fragment ?? template(answer.problem));
    if (answer.retryAfter) timer = setTimeout(refresh, answer.retryAfter * 1000);
  }

  form.addEventListener("input", () => {
    isEdited = true;
    // It is about the list as it was.
    place.querySelector("[name=first]")?.setAttribute("disabled", "");
    clearTimeout(timer);
    timer = setTimeout(refresh, TYPING_PAUSE_MS);
  });
  // The server may have sent the bill with the form, in which something else has been chosen before this script was loaded.
  const sent = place.querySelector("[data-bill-fragment]");
  const isChanged = Array.from(form.elements).some(({ checked, defaultChecked }) => checked !== defaultChecked);
  if (sent && !isChanged) show(sent);
  else if (form.elements.prompts.value.trim()) refresh();
}

for (const form of document.querySelectorAll("form[data-bill-url]")) keepUpToDate(form);
