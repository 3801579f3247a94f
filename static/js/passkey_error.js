/** Tells people, on the page, that the browser's passkey window failed or was closed. */
document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  for (const notice of document.querySelectorAll("[data-passkey-error]")) notice.hidden = false;
});
