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

/** Show the notice of a form that was filled from a preset, until the first change overwrites the draft. */
function mentionOlderDraft(form) {
  const notice = form.querySelector("[data-older-draft]");
  if (!notice) return;
  notice.hidden = false;
  form.addEventListener("input", () => { notice.hidden = true; }, { once: true });
}

function saveDraft(form) {
  const key = form.dataset.draft;
  const notice = form.querySelector("[data-draft-notice]");
  const fields = () => JSON.stringify(Array.from(new FormData(form)));
  let known;
  let timer;

  const write = () => store(form, key);

  function restore() {
    const draft = JSON.parse(localStorage.getItem(key) ?? "null");
    if (!draft?.prompts?.trim()) return;
    // A form that the server returns with errors, or fills from a preset, is newer than the draft.
    if (form.elements.prompts.value) {
      mentionOlderDraft(form);
      return;
    }
    const { submission_key: _used, references: _photos, ...fields } = draft;
    for (const [name, value] of Object.entries(fields)) if (form.elements[name]) form.elements[name].value = value;
    notice.hidden = false;
    form.dispatchEvent(new CustomEvent("restore", { detail: draft }));
    form.dispatchEvent(new Event("input", { bubbles: true }));
  }

  form.addEventListener("input", () => {
    known = fields();
    clearTimeout(timer);
    timer = setTimeout(write, TYPING_PAUSE_MS);
  });
  form.addEventListener("submit", write);
  form.addEventListener("reset", () => {
    localStorage.removeItem(key);
    notice.hidden = true;
    setTimeout(() => form.dispatchEvent(new Event("input", { bubbles: true })));
  });
  // The customer went back to a form that is a batch by now. The next one needs a new key. Without https the server makes it.
  addEventListener("pageshow", () => {
    const field = form.elements.submission_key;
    if (localStorage.getItem(`${key}:sent`) === field.value) field.value = crypto.randomUUID?.() ?? "";
    // After Back or a reload, browsers fill in a form after the scripts have run, and without an event.
    if (fields() === known) return;
    form.dispatchEvent(new Event("input", { bubbles: true }));
    // Drafts are written by changes of the customer only.
    clearTimeout(timer);
  });
  // The form has the rest of a list whose first images are being made.
  if (form.dataset.then) {
    if (write()) location.replace(form.dataset.then);
    return;
  }
  restore();
  known = fields();
}

for (const form of document.querySelectorAll("form[data-draft]")) saveDraft(form);
