// What is written in <form data-draft="key"> survives a crash, a closed tab and an expired session.
// The page of the batch made of it deletes it (delete-draft.js).
const QUIET_MS = 300;
const LEFT_OUT = ["csrfmiddlewaretoken"];

function keep(form) {
  const key = form.dataset.draft;
  const notice = form.querySelector("[data-draft-notice]");
  let timer;

  function write() {
    const entries = Array.from(new FormData(form)).filter(([name]) => !LEFT_OUT.includes(name));
    try {
      localStorage.setItem(key, JSON.stringify(Object.fromEntries(entries)));
    } catch {
      // Too large for the browser's five megabytes: better no draft than half of one.
      localStorage.removeItem(key);
    }
  }

  function restore() {
    const draft = JSON.parse(localStorage.getItem(key) ?? "null");
    // A form that comes back from the server with errors is newer than its draft.
    if (!draft?.prompts?.trim() || form.elements.prompts.value) return;
    const { submission_key: _used, ...fields } = draft;
    for (const [name, value] of Object.entries(fields)) if (form.elements[name]) form.elements[name].value = value;
    notice.hidden = false;
    form.dispatchEvent(new Event("input", { bubbles: true }));
  }

  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(write, QUIET_MS);
  });
  form.addEventListener("submit", write);
  form.addEventListener("reset", () => {
    localStorage.removeItem(key);
    notice.hidden = true;
    setTimeout(() => form.dispatchEvent(new Event("input", { bubbles: true })));
  });
  // "Back" to a form that has become a batch: what is sent next is another one. Without https the server makes the key.
  addEventListener("pageshow", () => {
    const field = form.elements.submission_key;
    if (localStorage.getItem(`${key}:sent`) === field.value) field.value = crypto.randomUUID?.() ?? "";
  });
  restore();
}

for (const form of document.querySelectorAll("form[data-draft]")) keep(form);
