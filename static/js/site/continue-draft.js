// After a payment: <a data-draft-key> leads back to the list that was typed before, if there is one (draft.js).
import { countLines } from "./count-lines.js";
import { fillInCount } from "./fill-in.js";

for (const link of document.querySelectorAll("a[data-draft-key]")) {
  const draft = JSON.parse(localStorage.getItem(link.dataset.draftKey) ?? "null");
  const count = countLines(draft?.prompts ?? "");
  if (!count) continue;
  link.textContent = fillInCount(link.dataset, count);
}
