// Offers only the qualities of the chosen model, each with its price. The server checks the choice as well.
const plural = new Intl.PluralRules(document.documentElement.lang);

function showPrice(place, count) {
  const text = place.dataset[plural.select(count)] ?? place.dataset.other;
  place.textContent = text.replace("{count}", count);
}

function offer(form) {
  const qualities = Array.from(form.querySelectorAll("input[name=quality]"));

  function update() {
    const model = form.querySelector("input[name=model]:checked");
    const credits = new Map((model?.dataset.credits ?? "").split(" ").map((pair) => pair.split(":")));
    for (const quality of qualities) {
      quality.disabled = !credits.has(quality.value);
      quality.closest("label").hidden = quality.disabled;
      if (!quality.disabled) showPrice(quality.closest("label").querySelector("[data-price]"), Number(credits.get(quality.value)));
    }
    const chosen = qualities.find((quality) => quality.checked && !quality.disabled);
    (chosen ?? qualities.find((quality) => !quality.disabled) ?? qualities[0]).checked = true;
  }

  // Capturing, so that it runs before bill.js submits the form to compute the bill.
  form.addEventListener("input", update, { capture: true });
  update();
}

for (const form of document.querySelectorAll("form[data-qualities]")) offer(form);
