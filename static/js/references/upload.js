// Uploads the photos of the form of a new batch, <div data-photos>, as soon as they are chosen.
import { fillIn } from "../site/fill-in.js";
import * as store from "../site/image-store.js";
import { sendPhoto } from "./send-photo.js";
import { shrink } from "./shrink.js";

const part = (element, name) => element.querySelector(`[data-part="${name}"]`);

const field = document.querySelector("[data-photos]");
const input = field.querySelector("input[type=file]");
const { form } = input;
const list = part(field, "list");
const texts = field.dataset;
const token = form.elements.csrfmiddlewaretoken.value;
const scope = form.dataset.draft;
// Photos are uploaded one after the other.
let pending = Promise.resolve();

// Pages of the server that say that the file is too large, or that there were too many.
const PAGES = { 413: texts.textLarge, 429: texts.textOften };

const say = (text, name = "") => { part(field, "status").textContent = fillIn(text, { name }); };
const photos = () => Array.from(list.children);

const isFailed = (photo) => "failed" in photo.dataset;

// Prompts count the photos that are for all of them first. Failed ones are not sent.
function number() {
  let count = 0;
  for (const photo of photos()) {
    const isForSome = part(photo, "only").value.trim();
    part(photo, "number").textContent = isForSome || isFailed(photo) ? "" : ++count;
  }
}

// The bill and the draft follow.
function changed() { list.dispatchEvent(new Event("input", { bubbles: true })); }

function deleteOnServer(id) {
  fetch(`${texts.url}${id}/delete/`, { method: "POST", headers: { "X-CSRFToken": token }, keepalive: true }).catch(() => undefined);
}

function remove(photo) {
  const { value, checked } = photo.querySelector("input");
  photo.remove();
  changed();
  if (!checked) return;
  store.removeCopy(scope, value).catch(() => undefined);
  deleteOnServer(value);
}

function enliven(photo) {
  const button = photo.querySelector("[data-remove]");
  button.hidden = false;
  button.addEventListener("click", () => { remove(photo); input.focus(); });
  return photo;
}

function add() {
  list.append(part(field, "photo").content.cloneNode(true));
  return enliven(list.lastElementChild);
}

function fail(photo, text) {
  photo.dataset.failed = "";
  delete photo.dataset.busy;
  photo.querySelector("progress").hidden = true;
  Object.assign(part(photo, "advice"), { hidden: false, textContent: text });
  say("");
  number();
}

function show(photo, { id, url, advice = "" }) {
  delete photo.dataset.busy;
  Object.assign(photo.querySelector("input"), { value: id, checked: true });
  part(photo, "only").name = `only-${id}`;
  photo.querySelector("progress").hidden = true;
  photo.querySelector("img").src = url;
  Object.assign(part(photo, "advice"), { hidden: !advice, textContent: advice });
  changed();
}

async function upload(photo, file) {
  // Removed while it waited for the photos before it.
  if (!photo.isConnected) return;
  const bar = photo.querySelector("progress");
  say(texts.textBusy, file.name);
  try {
    const blob = await shrink(file);
    const answer = await sendPhoto(texts.url, token, blob, (share) => { bar.value = share; });
    if (!photo.isConnected) {
      say("");
      if (answer.id) deleteOnServer(answer.id);
      return;
    }
    if (!answer.id) return void fail(photo, `${file.name}: ${answer.message ?? PAGES[answer.status] ?? texts.textFailed}`);
    show(photo, answer);
    say(texts.textDone, file.name);
    await store.saveCopy(scope, answer.id, blob).catch(() => undefined);
  } catch {
    fail(photo, `${file.name}: ${texts.textFailed}`);
  }
}

function take(files, only = "") {
  for (const photo of photos()) if (isFailed(photo)) photo.remove();
  const room = Number(texts.limit) - photos().length;
  for (const file of files.slice(0, room)) {
    const photo = add();
    part(photo, "only").value = only;
    pending = pending.then(() => upload(photo, file));
  }
  if (files.length > room) say(texts.textMany);
}

// A photo of a draft. If the server has deleted it, this browser's copy is sent.
function restore(id, only) {
  const photo = add();
  part(photo, "only").value = only;
  photo.querySelector("img").addEventListener("error", async () => {
    const blob = await store.copy(scope, id).catch(() => undefined);
    photo.remove();
    if (blob) take([new File([blob], "photo.jpg", { type: blob.type })], only);
    else { say(texts.textGone); changed(); }
  }, { once: true });
  show(photo, { id, url: `${texts.url}${id}/` });
}

function takeChosen() {
  const files = Array.from(input.files);
  // They are not sent again with the form.
  input.value = "";
  take(files);
}

input.addEventListener("change", takeChosen);
form.addEventListener("restore", ({ detail }) => { if (!list.children.length) detail.references?.forEach((id) => restore(id, detail[`only-${id}`] ?? "")); });
list.addEventListener("input", number);
form.addEventListener("reset", () => photos().forEach(remove));
form.addEventListener("submit", (event) => {
  if (!list.querySelector("[data-busy]")) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  say(texts.textWait);
}, { capture: true });
field.toggleAttribute("data-live", true);
photos().forEach(enliven);
number();
// Over a slow connection, photos are chosen before this script has been loaded.
if (input.files.length) takeChosen();
