// Updates the head of the batch page, the tab's title, the credits, and which buttons are shown.
const ANNOUNCE_EVERY_MS = 10_000;

const head = document.querySelector("[data-headline]");
const part = (name) => head.querySelector(`[data-part="${name}"]`);
const title = document.title.replace(/^\(\d+\/\d+\) /, "");
let announcedAt = Date.now();

/** Show the answer of a poll. */
export function showHeadline(answer) {
  part("badge").textContent = answer.status_label;
  part("badge").dataset.status = part("bar").dataset.status = head.dataset.status = answer.status;
  showSentence(answer.headline);
  showRetention(answer.retention);
  part("bar").value = answer.counts.ready;
  document.title = `(${answer.counts.ready}/${answer.total}) ${title}`;
  for (const [name, count] of Object.entries(answer.counts)) showCount(part(`count-${name}`), count);
  for (const form of document.querySelectorAll("[data-may]")) form.hidden = !answer.may[form.dataset.may];
  showCredits(answer.credits_left);
  announce(answer);
}

/** Show the sentence that says what is ready and what is left. */
export function showSentence(text) {
  part("sentence").textContent = text;
}

/** Show the sentence that says until when the server keeps the images. */
export function showRetention(text) {
  part("retention").textContent = text;
}

// The customer's credits in the header of the site.
function showCredits(text) {
  const number = document.querySelector("[data-credits] strong");
  if (number) number.textContent = text;
}

function showCount(place, count) {
  place.textContent = count;
  place.closest("li").hidden = place.dataset.zero === "hide" && count === 0;
}

// Screen readers read the headline every ten seconds and at the end, not with each image.
function announce(answer) {
  if (answer.is_open && Date.now() - announcedAt < ANNOUNCE_EVERY_MS) return;
  announcedAt = Date.now();
  document.querySelector("[data-live]").textContent = answer.headline;
}
