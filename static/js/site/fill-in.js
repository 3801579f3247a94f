import { formatNumber } from "./format-number.js";

const plural = new Intl.PluralRules(document.documentElement.lang);

/** Return the text with each {name} replaced by its value. Numbers are written as the page's language does. */
export function fillIn(text, values) {
  return text.replace(/\{(\w+)\}/g, (_, name) => typeof values[name] === "number" ? formatNumber(values[name]) : values[name]);
}

/** Return the text for that {count}: `texts` has the forms of Intl.PluralRules, such as one and other. */
export const fillInCount = (texts, count) => fillIn(texts[plural.select(count)] ?? texts.other, { count });
