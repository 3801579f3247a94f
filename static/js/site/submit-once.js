// <form data-submit-once> cannot be sent again while it is on its way.
for (const form of document.querySelectorAll("form[data-submit-once]")) {
  const setBusy = (busy) => {
    for (const button of form.querySelectorAll("button[type=submit]")) {
      button.disabled = busy;
      button.toggleAttribute("aria-busy", busy);
    }
  };
  // A moment later, so that the button that was pressed is still sent with the form.
  form.addEventListener("submit", () => setTimeout(() => setBusy(true)));
  addEventListener("pageshow", () => setBusy(false));
}
