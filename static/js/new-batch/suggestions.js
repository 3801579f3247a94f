// The list of suggestions below a text area. Each waits for a click: "Use this", or "Keep mine" to undo that.

/** Return the prompts of a text area with their line and their number, as the bill counts them. */
export function promptsOf(area) {
  const lines = area.value.split("\n").map((text, line) => ({ text: text.trim(), line })).filter(({ text }) => text);
  return lines.map((prompt, n) => ({ ...prompt, row: n + 1 }));
}

/** Replace a line, wherever it is by now. Return false if it is not there any more. */
function replaceLine(area, line, before, after) {
  const lines = area.value.split("\n");
  const place = lines[line]?.trim() === before ? line : lines.findIndex((text) => text.trim() === before);
  if (place < 0) return false;
  lines[place] = after;
  area.value = lines.join("\n");
  // The bill and the draft follow.
  area.dispatchEvent(new Event("input", { bubbles: true }));
  return true;
}

function choose(area, item, prompt, isUsed) {
  if (item.querySelector("[data-choice=use]").ariaPressed === String(isUsed)) return;
  const [now, wanted] = isUsed ? [prompt.text, item.dataset.suggestion] : [item.dataset.suggestion, prompt.text];
  if (!replaceLine(area, prompt.line, now, wanted)) {
    item.querySelector("[data-changed]").hidden = false;
    return;
  }
  for (const each of item.querySelectorAll("[data-choice]")) {
    each.ariaPressed = String((each.dataset.choice === "use") === isUsed);
  }
}

/** Let the buttons of a suggestion change the line of its prompt. */
export function connectSuggestion(area, item, prompt) {
  item.addEventListener("click", ({ target }) => {
    const choice = target.closest("[data-choice]")?.dataset.choice;
    if (choice) choose(area, item, prompt, choice === "use");
  });
}
