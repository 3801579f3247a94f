import { formatNumber } from "./format-number.js";

const UNITS = ["byte", "kilobyte", "megabyte", "gigabyte"];

/** Return a number of bytes in the language of the page, for example "1.8 MB". */
export function formatBytes(bytes) {
  const power = Math.min(UNITS.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
  const options = { style: "unit", unit: UNITS[power], unitDisplay: power ? "short" : "long", maximumFractionDigits: power > 1 ? 1 : 0 };
  return formatNumber(bytes / 1000 ** power, options);
}
