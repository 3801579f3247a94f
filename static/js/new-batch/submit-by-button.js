// <form data-submit-by-button> is not submitted by Enter in an input, because that would spend money by accident.
for (const form of document.querySelectorAll("form[data-submit-by-button]")) {
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target.matches("input")) event.preventDefault();
  });
}
