// Asks for better wordings of the prompts in a text area, ten at a time: <section data-improve="id of the text area">
import { connectSuggestion, promptsOf } from "./suggestions.js";

const ROWS_PER_CALL = 10;
// What the server answers instead of a fragment. The sign-in page (200) means that the session has ended.
const PROBLEMS = { 200: "signed-out", 403: "signed-out", 413: "too-large", 429: "too-often" };

/** Resolve to the answered request, or to null if it was aborted. Rejects when the server cannot be reached. */
function post(url, fields, signal) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", url);
    request.responseType = "document";
    request.addEventListener("load", () => resolve(request));
    request.addEventListener("abort", () => resolve(null));
    request.addEventListener("error", reject);
    signal.addEventListener("abort", () => request.abort());
    request.send(fields);
  });
}

function fieldsFor(form, prompts) {
  const fields = new FormData();
  fields.append("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
  for (const { row, text } of prompts) {
    fields.append("row", row);
    fields.append("prompt", text);
  }
  return fields;
}

class Improver {
  constructor(section) {
    this.section = section;
    this.area = document.getElementById(section.dataset.improve);
    this.part = (name) => section.querySelector(`[data-${name}]`);
    this.button = (name) => section.querySelector(`[data-act="${name}"]`);
  }

  say(name, values = {}) {
    const text = this.section.dataset[name] ?? "";
    this.part("status").textContent = text.replace(/\{(\w+)\}/gu, (_, key) => values[key]);
  }

  setBusy(busy) {
    for (const name of ["line", "all"]) this.button(name).disabled = busy;
    this.button("stop").hidden = !busy;
  }

  /** Ask for some prompts; return whether to go on. */
  async ask(prompts, signal) {
    const { form } = this.area;
    const answered = await post(this.section.dataset.url, fieldsFor(form, prompts), signal).catch(() => ({}));
    if (!answered) return false;
    const fragment = answered.response?.querySelector("[data-writing-fragment]");
    if (!fragment?.matches("ol")) {
      const problem = PROBLEMS[answered.status] ?? "offline";
      this.part("problem").replaceChildren(fragment ?? form.querySelector(`template[data-bill="${problem}"]`).content.cloneNode(true));
      return false;
    }
    for (const item of Array.from(fragment.children)) {
      connectSuggestion(this.area, item, prompts.find(({ row }) => row === Number(item.dataset.row)));
      this.part("suggestions").append(item);
    }
    this.part("results").hidden = false;
    return true;
  }

  async improve(prompts) {
    const short = prompts.filter(({ text }) => text.length <= Number(this.section.dataset.limit));
    this.stopping = new AbortController();
    this.close();
    this.setBusy(true);
    for (let start = 0; start < short.length; start += ROWS_PER_CALL) {
      this.say("textBusy", { count: start, total: short.length });
      if (!await this.ask(short.slice(start, start + ROWS_PER_CALL), this.stopping.signal)) break;
    }
    this.setBusy(false);
    const count = this.part("suggestions").querySelectorAll("[data-suggestion]").length;
    this.say(short.length < prompts.length ? "textLong" : "textDone", { count, total: prompts.length });
  }

  improveLine() {
    const line = this.area.value.slice(0, this.area.selectionStart).split("\n").length - 1;
    const prompts = promptsOf(this.area).filter((prompt) => prompt.line === line);
    if (prompts.length) this.improve(prompts);
    else this.say("textEmpty");
  }

  useAll() {
    for (const use of this.section.querySelectorAll("[data-choice=use]")) use.click();
  }

  close() {
    this.part("results").hidden = true;
    for (const name of ["suggestions", "problem", "status"]) this.part(name).replaceChildren();
  }

  connect() {
    this.button("line").addEventListener("click", () => this.improveLine());
    this.button("all").addEventListener("click", () => this.improve(promptsOf(this.area)));
    this.button("stop").addEventListener("click", () => this.stopping.abort());
    this.button("use-all").addEventListener("click", () => this.useAll());
    this.button("close").addEventListener("click", () => {
      this.close();
      this.area.focus();
    });
    this.section.hidden = false;
  }
}

for (const section of document.querySelectorAll("[data-improve]")) new Improver(section).connect();
