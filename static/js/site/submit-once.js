// <form data-submit-once> cannot be submitted again while it is being submitted.
for (const form of document.querySelectorAll("form[data-submit-once]")) {
  const setBusy = (busy) => {
    for (const button of form.querySelectorAll("button[type=submit]")) {
      button.disabled = busy;
      button.toggleAttribute("aria-busy", busy);
    }
  };
  // Not at once: the form is submitted without a button that is disabled.
  form.addEventListener("submit", () => setTimeout(() => setBusy(true)));
  addEventListener("pageshow", () => setBusy(false));
}
