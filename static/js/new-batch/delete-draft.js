// On the batch page: deletes the draft of this batch, and stores its key for when the customer goes back (draft.js).
const { draftKey, submissionKey } = document.querySelector("[data-submission-key]").dataset;
const draft = JSON.parse(localStorage.getItem(draftKey) ?? "null");

if (draft?.submission_key === submissionKey) {
  localStorage.removeItem(draftKey);
  localStorage.setItem(`${draftKey}:sent`, submissionKey);
}
