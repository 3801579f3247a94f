// <form data-submit-by-button> is not submitted by Enter in an input, because that would spend money by accident.
// No module: over a slow connection, those run long after the page is shown.
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.target.matches("form[data-submit-by-button] input")) event.preventDefault();
});
