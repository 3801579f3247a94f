// On the batch page: deletes the draft of this batch, and stores its key for when the customer goes back (draft.js).
// Shows the notice about a draft with the rest of this batch's list.
import { copied } from "../references/batch-photos.js";
import * as store from "../site/image-store.js";

const { draftKey, submissionKey } = document.querySelector("[data-submission-key]").dataset;
const draft = JSON.parse(localStorage.getItem(draftKey) ?? "null");

if (draft?.submission_key === submissionKey) {
  copied.then(() => store.remove(draftKey)).catch(() => undefined);
  localStorage.removeItem(draftKey);
  localStorage.setItem(`${draftKey}:sent`, submissionKey);
}

const notice = document.querySelector("[data-rest-notice]");
notice.hidden = draft?.rest_of !== notice.dataset.restNotice;
