// Saves what is typed in <form data-draft="key">, so that it survives a crash, a closed tab and an expired session.
// The batch page deletes the draft (delete-draft.js).
const TYPING_PAUSE_MS = 300;
const EXCLUDED = ["csrfmiddlewaretoken", "photos"];

/** Store the form; return whether there was room for it. */
function store(form, key) {
  const data = new FormData(form);
  const entries = Array.from(data).filter(([name]) => !EXCLUDED.includes(name));
  try {
    localStorage.setItem(key, JSON.stringify({ ...Object.fromEntries(entries), references: data.getAll("references") }));
    return true;
  } catch {
    // Larger than the browser's five megabytes. An old draft would be misleading.
    localStorage.removeItem(key);
    return false;
  }
}

/** Let the bill, the draft and all others follow. */
const sayChanged = (form) => form.dispatchEvent(new Event("input", { bubbles: true }));

/** Whether the text of a field is no longer the server's. */
const isTyped = ({ value, defaultValue }) => defaultValue !== undefined && value !== defaultValue;

/** Whether the customer has typed before this script was loaded. After Back or a reload, it was the browser. */
function isTypedEarly(form) {
  const [{ type }] = performance.getEntriesByType("navigation");
  return type === "navigate" && Array.from(form.elements).some(isTyped);
}

/** Let the draft stay the rest of a batch's list, so that the page of that batch goes on offering it. */
function keepOrigin(form, { rest_of: batch }) {
  if (batch) form.append(Object.assign(document.createElement("input"), { type: "hidden", name: "rest_of", value: batch }));
}

/** Fill in the fields of a draft, except those that have been typed into by now. */
function fill(form, { submission_key: _used, references: _photos, ...fields }) {
  for (const [name, value] of Object.entries(fields)) {
    const field = form.elements[name];
    if (field && !isTyped(field)) field.value = value;
  }
}

/** Show the notice of a form that was filled from a preset, until the first change overwrites the draft. */
function mentionOlderDraft(form) {
  const notice = form.querySelector("[data-older-draft]");
  if (!notice) return;
  notice.hidden = false;
  form.addEventListener("input", () => { notice.hidden = true; }, { once: true });
}

/** Fill the form with the draft, if it is newer than what is there. */
function restore(form, key) {
  const draft = JSON.parse(localStorage.getItem(key) ?? "null");
  const isThere = draft?.prompts?.trim();
  // A form that the server returns with errors, or fills from a preset, is newer than the draft.
  if (form.elements.prompts.value) {
    if (isThere) mentionOlderDraft(form);
    if (isTypedEarly(form)) sayChanged(form);
  } else if (isThere) {
    fill(form, draft);
    keepOrigin(form, draft);
    form.querySelector("[data-draft-notice]").hidden = false;
    form.dispatchEvent(new CustomEvent("restore", { detail: draft }));
    sayChanged(form);
  }
}

function saveDraft(form) {
  const key = form.dataset.draft;
  const notice = form.querySelector("[data-draft-notice]");
  const fields = () => JSON.stringify(Array.from(new FormData(form)));
  let known;
  let timer;

  const write = () => store(form, key);
  form.addEventListener("input", () => {
    known = fields();
    clearTimeout(timer);
    timer = setTimeout(write, TYPING_PAUSE_MS);
  });
  form.addEventListener("submit", write);
  form.addEventListener("reset", () => {
    localStorage.removeItem(key);
    notice.hidden = true;
    form.elements.rest_of?.remove();
    setTimeout(sayChanged, 0, form);
  });
  // The customer went back to a form that is a batch by now. The next one needs a new key. Without https the server makes it.
  addEventListener("pageshow", () => {
    const field = form.elements.submission_key;
    if (localStorage.getItem(`${key}:sent`) === field.value) field.value = crypto.randomUUID?.() ?? "";
    // After Back or a reload, browsers fill in a form after the scripts have run, and without an event.
    if (fields() === known) return;
    sayChanged(form);
    // Drafts are written by changes of the customer only.
    clearTimeout(timer);
  });
  // The form has the rest of a list whose first images are being made.
  if (form.dataset.then) {
    if (write()) location.replace(form.dataset.then);
    return;
  }
  restore(form, key);
  known = fields();
}

for (const form of document.querySelectorAll("form[data-draft]")) saveDraft(form);
