// <output data-lines-of="id of a text area" data-limit="1000"> shows how many lines are not empty.
import { countLines } from "../site/count-lines.js";
import { fillIn } from "../site/fill-in.js";

for (const output of document.querySelectorAll("[data-lines-of]")) {
  const area = document.getElementById(output.dataset.linesOf);
  const limit = Number(output.dataset.limit);
  const update = () => {
    const count = countLines(area.value);
    const text = fillIn(output.dataset.text, { count, limit });
    // Screen readers read each change, even to the same text.
    if (output.textContent !== text) output.textContent = text;
    output.toggleAttribute("data-over", count > limit);
  };
  area.form.addEventListener("input", update);
  // After pasting a list the caret is at the end of the last line. Scroll back so that the starts of the lines are visible.
  area.addEventListener("paste", (event) => {
    if (countLines(event.clipboardData.getData("text")) > 1) setTimeout(() => { area.scrollLeft = 0; });
  });
  update();
}
