/** Disable the submit buttons of a form while it is being submitted. */
export function setBusy(form, isBusy) {
  for (const button of form.querySelectorAll("button[type=submit]")) {
    button.disabled = isBusy;
    button.setAttribute("aria-busy", isBusy);
  }
}
