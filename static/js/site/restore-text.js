// Stores the text of <textarea data-restore-text="key"> in this tab, so that it is there again after signing in again.
// With data-replaced the server has put another text there, which the customer has chosen.
for (const area of document.querySelectorAll("textarea[data-restore-text]")) {
  const key = area.dataset.restoreText;
  const save = () => sessionStorage.setItem(key, area.value);

  // Over a slow connection the customer types before this script has been loaded.
  const isTyped = area.value !== area.defaultValue;
  if (isTyped || "replaced" in area.dataset) save();
  else area.value = sessionStorage.getItem(key) ?? area.value;
  area.addEventListener("input", save);
}
