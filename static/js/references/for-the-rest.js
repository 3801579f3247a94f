// "Use for the rest" in the viewer: the image becomes a reference photo of the images that are still waiting.
import { storedRow } from "../batch/images.js";
import { ensureOk } from "../site/errors.js";
import * as store from "../site/image-store.js";
import { shrink } from "./shrink.js";

const dialog = document.querySelector("dialog[data-rest]");
const opener = document.querySelector('[data-viewer] [data-part="rest"]');
const part = (name) => dialog.querySelector(`[data-part="${name}"]`);

async function offer(form) {
  const send = form.querySelector("[data-kind=primary]");
  const choice = form.querySelector(".check");
  send.disabled = choice.hidden = true;
  part("offer").textContent = "";
  try {
    const response = ensureOk(await fetch(form.action, { headers: { Accept: "application/json" } }));
    const { images, credits, text, style } = await response.json();
    part("offer").textContent = images ? text : dialog.dataset.textNone;
    part("style").textContent = style;
    form.dataset.credits = credits;
    send.disabled = choice.hidden = !images;
  } catch {
    part("offer").textContent = dialog.dataset.textOffline;
  }
}

async function send(form) {
  const row = storedRow(Number(opener.dataset.position));
  const body = new FormData(form);
  body.append("credits", form.dataset.credits);
  body.append("photo", await shrink(await store.file(row)), "photo");
  const response = await fetch(form.action, { method: "POST", body, redirect: "manual" });
  // The next page says what has happened. Signed out, it is the sign-in page.
  if (response.type !== "opaqueredirect" && response.status !== 401) ensureOk(response);
  location.reload();
}

function connect() {
  const form = dialog.querySelector("form");
  opener.hidden = false;
  opener.addEventListener("click", () => {
    dialog.showModal();
    offer(form);
  });
  form.addEventListener("submit", async (event) => {
    if (event.submitter?.formMethod === "dialog") return;
    event.preventDefault();
    const button = form.querySelector("[data-kind=primary]");
    button.disabled = true;
    try {
      await send(form);
    } catch {
      part("offer").textContent = dialog.dataset.textOffline;
      button.disabled = false;
    }
  });
}

// The page of a batch that is over has none.
if (dialog && opener) connect();
