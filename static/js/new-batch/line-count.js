// <output data-lines-of="id of a text area" data-limit="1000">: how many lines with something on them there are.
const countLines = (text) => text.split(/\r\n|\r|\n/).filter((line) => line.trim()).length;

for (const output of document.querySelectorAll("[data-lines-of]")) {
  const area = document.getElementById(output.dataset.linesOf);
  const number = new Intl.NumberFormat(document.documentElement.lang);
  const update = () => {
    const count = countLines(area.value);
    output.textContent = output.dataset.text.replace("{count}", number.format(count)).replace("{limit}", number.format(output.dataset.limit));
    output.toggleAttribute("data-over", count > Number(output.dataset.limit));
  };
  area.form.addEventListener("input", update);
  // A pasted list is read from the start of its lines; the caret stands at the end of the last, perhaps far to the right.
  area.addEventListener("paste", (event) => {
    if (countLines(event.clipboardData.getData("text")) > 1) setTimeout(() => { area.scrollLeft = 0; });
  });
  update();
}
