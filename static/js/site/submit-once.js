// <form data-submit-once> cannot be submitted again while it is being submitted.
import { setBusy } from "./busy.js";

for (const form of document.querySelectorAll("form[data-submit-once]")) {
  // Not at once: the form is submitted without a button that is disabled.
  form.addEventListener("submit", () => setTimeout(setBusy, 0, form, true));
  addEventListener("pageshow", () => setBusy(form, false));
}
