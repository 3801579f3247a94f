// The head of the batch page: badge, sentence, bar, counts, the tab's title, and which buttons make sense.
const SPOKEN_EVERY_MS = 10_000;

const head = document.querySelector("[data-headline]");
const part = (name) => head.querySelector(`[data-part="${name}"]`);
const title = document.title.replace(/^\(\d+\/\d+\) /, "");
let spokenAt = Date.now();

/** Show the answer of a poll that has news. */
export function showHeadline(answer) {
  part("badge").textContent = answer.status_label;
  part("badge").dataset.status = part("bar").dataset.status = head.dataset.status = answer.status;
  part("sentence").textContent = answer.headline;
  part("bar").value = answer.counts.ready;
  document.title = `(${answer.counts.ready}/${answer.total}) ${title}`;
  for (const [name, count] of Object.entries(answer.counts)) showCount(part(`count-${name}`), count);
  for (const form of document.querySelectorAll("[data-may]")) form.hidden = !answer.may[form.dataset.may];
  showCredits(answer.credits_left);
  speak(answer);
}

// Those of the customer, in the head of the site. Its word stays as it is.
function showCredits(text) {
  const number = document.querySelector("[data-credits] strong");
  if (number) number.textContent = text;
}

function showCount(place, count) {
  place.textContent = count;
  place.closest("li").hidden = place.dataset.zero === "hide" && count === 0;
}

// Screen readers hear of it now and then and at the end, not at each image.
function speak(answer) {
  if (answer.is_open && Date.now() - spokenAt < SPOKEN_EVERY_MS) return;
  spokenAt = Date.now();
  document.querySelector("[data-live]").textContent = answer.headline;
}
