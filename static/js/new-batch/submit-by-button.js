// <form data-submit-by-button> is sent by its button alone: Enter in a line or on a choice does not start what costs money.
for (const form of document.querySelectorAll("form[data-submit-by-button]")) {
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target.matches("input")) event.preventDefault();
  });
}
