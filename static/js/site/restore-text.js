// Keeps the text of <textarea data-restore-text="key"> in this tab, so that it is there again after signing in again.
for (const area of document.querySelectorAll("textarea[data-restore-text]")) {
  const key = area.dataset.restoreText;
  area.value = sessionStorage.getItem(key) ?? area.value;
  area.addEventListener("input", () => sessionStorage.setItem(key, area.value));
}
