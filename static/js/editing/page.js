// The page on which an image is edited: shows the image that this browser stores, and submits it with the instruction.
import { showAlert } from "../batch/alerts.js";
import { setBusy } from "../site/busy.js";
import { AlertError, ensureOk } from "../site/errors.js";
import * as store from "../site/image-store.js";
import { submitAlertFor } from "../site/submit-in-place.js";
import { paintOn } from "./painter.js";
import { mask, showRectangle } from "./strokes.js";

const form = document.querySelector("form[data-edit]");
const part = (name) => form.querySelector(`[data-part="${name}"]`);
const area = () => new FormData(form).get("area");
const sides = Array.from(form.querySelectorAll("[data-side]"));
// The image that is submitted; without one, the server takes its own copy.
let file;

async function show(blob) {
  const image = part("image");
  const url = URL.createObjectURL(blob);
  image.src = url;
  try {
    await image.decode();
    paintOn(image);
  } finally {
    URL.revokeObjectURL(url);
    part("picture").hidden = !image.naturalWidth;
  }
}

async function showStored() {
  const { batch, position, sha256 } = form.dataset;
  const row = await store.row(batch, Number(position));
  // A retry may have made another image since this one was stored.
  if (row?.sha256 !== sha256) return;
  file = await store.file(row);
  await show(file);
  part("missing").hidden = true;
}

async function showChosen() {
  const [chosen] = part("file").files;
  if (chosen) await show(chosen).catch(() => {});
}

function showArea() {
  const chosen = area();
  part("canvas").hidden = chosen === "whole";
  part("canvas").toggleAttribute("data-still", chosen !== "painted");
  part("canvas").tabIndex = chosen === "painted" ? 0 : -1;
  part("tools").hidden = chosen !== "painted";
  const [left, top, width, height] = sides.map((side) => side.valueAsNumber || 0);
  showRectangle(chosen === "rectangle" ? { left, top, width, height } : undefined);
}

async function submit() {
  const body = new FormData(form);
  if (file) body.set("image", file, "image");
  const painted = area() === "painted" ? await mask() : undefined;
  if (painted) body.set("mask", painted, "mask.png");
  const response = await fetch(form.action, { method: "POST", headers: { Accept: "application/json" }, body, redirect: "manual" });
  // Only the sign-in page is answered with a redirect.
  if (response.type === "opaqueredirect") throw new AlertError("signed-out");
  if (response.status === 422) return showErrors(await response.text());
  ensureOk(response);
  sessionStorage.removeItem(form.elements.text.dataset.restoreText);
  location.assign(form.dataset.next);
}

// The page stays, because what was painted would be lost with it.
function showErrors(html) {
  const errors = new DOMParser().parseFromString(html, "text/html").querySelectorAll("[data-errors]");
  form.querySelectorAll("[data-errors]").forEach((place, number) => place.replaceChildren(...errors[number].childNodes));
  for (const field of form.querySelectorAll("[aria-invalid]")) field.removeAttribute("aria-invalid");
  const error = form.querySelector("[data-errors] > *");
  const described = form.querySelector(`[aria-describedby~="${error?.id}"]`);
  const field = described?.matches("fieldset") ? described.querySelector(":checked") : described;
  field?.setAttribute("aria-invalid", "true");
  field?.focus();
  error?.scrollIntoView({ block: "center" });
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  setBusy(form, true);
  showAlert("");
  try {
    await submit();
  } catch (error) {
    showAlert(submitAlertFor(error));
  }
  setBusy(form, false);
});
form.addEventListener("change", ({ target }) => {
  showArea();
  // On phones, the image is above the screen.
  if (target.value === "painted") part("picture").scrollIntoView({ block: "nearest" });
});
form.addEventListener("input", (event) => { if (sides.includes(event.target)) showArea(); });
part("file").addEventListener("change", showChosen);
showArea();
await showStored().catch(() => {});
// Over a slow connection, a file is chosen before this script has been loaded.
if (!file) await showChosen();
// Not before: showing an image clears what is painted.
part("painted").hidden = false;
showArea();
