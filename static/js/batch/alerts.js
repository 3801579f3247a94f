const place = document.querySelector("[data-alerts]");
let shown = "";

/** Show the <template data-alert> of that name, or no alert for "". */
export function showAlert(name) {
  if (name === shown) return;
  shown = name;
  const template = name && document.querySelector(`template[data-alert="${name}"]`);
  place.replaceChildren(...(template ? [template.content.cloneNode(true)] : []));
}

/** Remove the alert of that name, unless another one is shown by now. */
export function removeAlert(name) {
  if (name === shown) showAlert("");
}
