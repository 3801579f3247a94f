// <div data-copy>: its button copies its <pre>. Without JavaScript, a click on the text selects all of it.
for (const box of document.querySelectorAll("[data-copy]")) {
  const [text, button, status] = ["pre", "button", "[role=status]"].map((name) => box.querySelector(name));
  button.hidden = false;
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(text.textContent);
      status.textContent = status.dataset.done;
    } catch {
      // No permission, or no https.
      getSelection().selectAllChildren(text);
      status.textContent = status.dataset.failed;
    }
  });
}
