// <output data-lines-of="id of a text area" data-limit="1000"> shows how many lines are not empty.
import { countLines } from "../site/count-lines.js";
import { formatNumber } from "../site/format-number.js";

for (const output of document.querySelectorAll("[data-lines-of]")) {
  const area = document.getElementById(output.dataset.linesOf);
  const update = () => {
    const count = countLines(area.value);
    output.textContent = output.dataset.text.replace("{count}", formatNumber(count)).replace("{limit}", formatNumber(output.dataset.limit));
    output.toggleAttribute("data-over", count > Number(output.dataset.limit));
  };
  area.form.addEventListener("input", update);
  // After pasting a list the caret is at the end of the last line. Scroll back so that the starts of the lines are visible.
  area.addEventListener("paste", (event) => {
    if (countLines(event.clipboardData.getData("text")) > 1) setTimeout(() => { area.scrollLeft = 0; });
  });
  update();
}
