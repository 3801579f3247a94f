const place = document.querySelector("[data-alerts]");
let shown = "";

/** Show the alert of that name from its <template data-alert>, "" for none. */
export function showAlert(name) {
  if (name === shown) return;
  shown = name;
  const template = name && document.querySelector(`template[data-alert="${name}"]`);
  place.replaceChildren(...(template ? [template.content.cloneNode(true)] : []));
}
