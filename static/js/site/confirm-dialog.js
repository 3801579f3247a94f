// <form data-confirm="id of a dialog"> is submitted after the dialog is confirmed, without JavaScript at once.
// No module: those run after the page is shown, and over a slow connection a click would come first.
const confirmed = new WeakSet();

document.addEventListener("submit", (event) => {
  const form = event.target;
  const dialog = form.dataset.confirm && document.getElementById(form.dataset.confirm);
  if (!dialog || confirmed.delete(form)) return;
  event.preventDefault();
  dialog.returnValue = "";
  dialog.showModal();
  dialog.addEventListener("close", () => {
    if (dialog.returnValue !== "yes") return;
    confirmed.add(form);
    form.requestSubmit();
  }, { once: true });
}, { capture: true });
