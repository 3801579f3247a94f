// What is written in <textarea data-wording="key"> is still there, in this tab, after the session has ended.
for (const area of document.querySelectorAll("textarea[data-wording]")) {
  const key = area.dataset.wording;
  area.value = sessionStorage.getItem(key) ?? area.value;
  area.addEventListener("input", () => sessionStorage.setItem(key, area.value));
}
