// Offers only what the chosen model has: qualities with their prices, aspect ratios, and the lengths of videos.
// The server checks the choices as well.
import { fillIn, fillInCount } from "../site/fill-in.js";

function priceText({ dataset }, count, perSecond) {
  return perSecond ? fillIn(dataset.second, { count }) : fillInCount(dataset, count);
}

// Shows the radio buttons with these values, and checks one of them. Without any there is nothing to choose.
function offer(form, name, values) {
  const radios = Array.from(form.querySelectorAll(`input[name=${name}]`));
  const offered = radios.filter((radio) => values.includes(radio.value));
  for (const fieldset of new Set(radios.map((radio) => radio.closest("fieldset")))) fieldset.hidden = offered.length === 0;
  if (!offered.length) return;
  for (const radio of radios) {
    radio.disabled = !offered.includes(radio);
    radio.closest("label").hidden = radio.disabled;
  }
  (offered.find((radio) => radio.checked) ?? offered[0]).checked = true;
}

function follow(form) {
  const words = (text) => (text ?? "").split(" ").filter(Boolean);

  function update() {
    const { credits, ratios, seconds, formats } = form.querySelector("input[name=model]:checked")?.dataset ?? {};
    const prices = new Map(words(credits).map((pair) => pair.split(":")));
    offer(form, "quality", Array.from(prices.keys()));
    offer(form, "ratio", words(ratios));
    offer(form, "seconds", words(seconds));
    offer(form, "format", words(formats));
    for (const place of form.querySelectorAll("[data-price]")) {
      const price = prices.get(place.closest("label").querySelector("input").value);
      if (price) place.textContent = priceText(place, Number(price), words(seconds).length > 0);
    }
  }

  // Capturing, so that it runs before bill.js submits the form to compute the bill.
  form.addEventListener("input", update, { capture: true });
  update();
}

for (const form of document.querySelectorAll("form[data-qualities]")) follow(form);
