// The page of a batch deletes the draft that it was made of, and remembers its key for "back" (draft.js).
const { draftKey, submissionKey } = document.querySelector("[data-submission-key]").dataset;
const draft = JSON.parse(localStorage.getItem(draftKey) ?? "null");

if (draft?.submission_key === submissionKey) {
  localStorage.removeItem(draftKey);
  localStorage.setItem(`${draftKey}:sent`, submissionKey);
}
