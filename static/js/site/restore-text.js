// Stores the text of <textarea data-restore-text="key"> in this tab, so that it is there again after signing in again.
// With data-replaced the server has put another text there, which the customer has chosen.
for (const area of document.querySelectorAll("textarea[data-restore-text]")) {
  const key = area.dataset.restoreText;
  if ("replaced" in area.dataset) sessionStorage.setItem(key, area.value);
  area.value = sessionStorage.getItem(key) ?? area.value;
  area.addEventListener("input", () => sessionStorage.setItem(key, area.value));
}
