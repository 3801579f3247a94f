// <div data-chips-for="id of a field">: its buttons add their words to the field, or remove them from it.
const BETWEEN = /\s*,\s*/u;
const phrases = (text) => text.split(BETWEEN).filter(Boolean);
const isSame = (one, other) => one.toLowerCase() === other.toLowerCase();

function connect(chips) {
  const field = document.getElementById(chips.dataset.chipsFor);
  const buttons = Array.from(chips.querySelectorAll("button"));

  function update() {
    const chosen = phrases(field.value.trim());
    for (const button of buttons) {
      button.setAttribute("aria-pressed", chosen.some((phrase) => isSame(phrase, button.textContent)));
    }
  }

  function toggle(words) {
    const chosen = phrases(field.value.trim());
    const others = chosen.filter((phrase) => !isSame(phrase, words));
    field.value = (others.length < chosen.length ? others : [...chosen, words]).join(", ");
    // The bill and the draft follow.
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }

  for (const button of buttons) button.addEventListener("click", () => toggle(button.textContent));
  field.form.addEventListener("input", update);
  chips.hidden = false;
  update();
}

for (const chips of document.querySelectorAll("[data-chips-for]")) connect(chips);
