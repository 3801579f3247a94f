// Enables the buttons for passkeys: before allauth's scripts are loaded, they would do nothing.
document.addEventListener("DOMContentLoaded", () => {
  for (const button of document.querySelectorAll("[data-passkey]")) button.disabled = false;
});

// Shows why the browser's passkey dialog failed, or that it was closed.
document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  const notices = [...document.querySelectorAll("[data-passkey-error]")];
  const matching = notices.find((notice) => notice.dataset.passkeyError === event.detail.exception?.name) ?? notices[0];
  for (const notice of notices) notice.hidden = notice !== matching;
});
