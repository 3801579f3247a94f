// Numbers as Django writes them on the same page: in Spanish with a space, 1 000.
const lang = document.documentElement.lang;

export function formatNumber(number, options = {}) {
  const parts = new Intl.NumberFormat(lang, { useGrouping: "always", ...options }).formatToParts(number);
  return parts.map(({ type, value }) => type === "group" && lang === "es" ? "\u00a0" : value).join("");
}
