// Asks for better wordings of the prompts in a text area, ten at a time: <section data-improve="id of the text area">
import { fillIn } from "../site/fill-in.js";
import { postForFragment } from "./post-for-fragment.js";
import { connectSuggestion, promptsOf } from "./suggestions.js";

const ROWS_PER_CALL = 10;

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
    this.part("status").textContent = fillIn(this.section.dataset[name], values);
  }

  /** Return the template that explains the problem: the section's own, or the one of the bill. */
  template(problem) {
    return this.section.querySelector(`template[data-writing="${problem}"]`) ?? document.querySelector(`template[data-bill="${problem}"]`);
  }

  setBusy(busy) {
    for (const name of ["line", "all", "close"]) this.button(name).disabled = busy;
    this.button("stop").hidden = !busy;
  }

  /** Ask for some prompts; return whether to go on. */
  async ask(prompts, signal) {
    const fields = fieldsFor(this.area.form, prompts);
    const { fragment, problem } = await postForFragment(this.section.dataset.url, fields, "[data-writing-fragment]", signal);
    if (signal.aborted) return false;
    if (!fragment?.matches("ol")) {
      this.part("problem").replaceChildren(fragment ?? this.template(problem).content.cloneNode(true));
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
