// The contact sheet: its bar with counts and a filter, and its keys.
import { fillIn, fillInCount } from "../site/fill-in.js";
import { onStoredChange, storedCount } from "./images.js";
import { decide, onVerdict } from "./verdicts.js";

const KEYS = { p: "keep", x: "reject", u: "" };

const list = document.querySelector("[data-tiles]");
const bar = document.querySelector("[data-review]");
const toggle = document.querySelector("[data-review-toggle]");
const part = (name) => bar.querySelector(`[data-part="${name}"]`);
const isOn = () => toggle.getAttribute("aria-pressed") === "true";
const tiles = Array.from(list.children);
// One query: a query of each of a thousand tiles takes longer than a key may.
const reviewed = () => Array.from(list.querySelectorAll('[data-decide="keep"]'), (button) => button.closest(".tile"));
const visible = () => tiles.filter((tile) => !tile.hidden);

// Before the next frame, and once for all verdicts that a poll brings. Not while the page is not in review: it may be adding
// a thousand images.
let isCountDue = false;
function countSoon() {
  if (isCountDue || !isOn()) return;
  isCountDue = true;
  requestAnimationFrame(() => {
    isCountDue = false;
    count(reviewed());
  });
}

function count(shown) {
  const counts = { keep: 0, reject: 0, "": 0 };
  for (const tile of shown) counts[tile.dataset.verdict] += 1;
  const numbers = { kept: counts.keep, rejected: counts.reject, undecided: counts[""] };
  part("summary").textContent = fillIn(part("summary").dataset.text, numbers);
  bar.querySelector('[data-zip-of="kept"]').hidden = counts.keep === 0;
  // A cancelled batch has no such button.
  if (!part("again")) return;
  const credits = rejectedCredits(shown);
  // A rejected edit of an image that is kept is not made again.
  part("again").hidden = credits === 0;
  part("credits").textContent = fillInCount(part("credits").dataset, credits);
}

// An estimate from the prices that were paid. The server has the same rule: if the newest version of an image is rejected and
// no version is kept, the newest one that isn't an edit is made again.
function rejectedCredits(shown) {
  const images = Map.groupBy(shown, ({ dataset }) => dataset.origin ?? dataset.position);
  let credits = 0;
  for (const versions of images.values()) {
    const isLiked = versions.some(({ dataset }) => dataset.verdict === "keep");
    if (isLiked || versions.at(-1).dataset.verdict !== "reject") continue;
    credits += Number(versions.findLast(({ dataset }) => !("edit" in dataset))?.dataset.credits ?? 0);
  }
  return credits;
}

function filter() {
  const wanted = isOn() ? part("filter").value : "all";
  for (const tile of tiles) tile.hidden = wanted !== "all" && (!tile.querySelector("[data-decide]") || tile.dataset.verdict !== wanted);
}

function setOn(value) {
  toggle.setAttribute("aria-pressed", value);
  bar.hidden = !value;
  list.toggleAttribute("data-reviewing", value);
  filter();
  countSoon();
}

// Scrolls no further than needed: browsers centre what gets the focus, so several rows come into view at once, and
// laying them out takes longer than a key may.
function focusOn(tile) {
  tile?.querySelector('[data-part="open"]').focus({ preventScroll: true });
  tile?.scrollIntoView({ block: "nearest" });
}

function moveFocus(tile, distance) {
  const shown = visible();
  focusOn(shown[shown.indexOf(tile) + distance]);
}

// Tiles in the same row as the first one.
function columnCount() {
  const shown = visible();
  const wraps = shown.findIndex((tile) => tile.offsetTop !== shown[0].offsetTop);
  return wraps < 0 ? shown.length : wraps;
}

// Decides, and goes to the next image: first, because the filter may hide this one.
function decideAndMove(tile, verdict) {
  const shown = visible();
  const next = shown[shown.indexOf(tile) + 1] ?? shown[shown.indexOf(tile) - 1];
  if (tile.dataset.verdict !== verdict) decide(tile, verdict);
  if (part("filter").value !== "all") tile.hidden = tile.dataset.verdict !== part("filter").value;
  focusOn(next);
}

list.addEventListener("keydown", (event) => {
  const tile = event.target.closest(".tile");
  if (!isOn() || !tile || event.ctrlKey || event.metaKey || event.altKey) return;
  const steps = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columnCount(), ArrowDown: columnCount() };
  const verdict = part("keys").checked ? KEYS[event.key.toLowerCase()] : undefined;
  if (verdict !== undefined && tile.querySelector("[data-decide]")) decideAndMove(tile, verdict);
  else if (event.key in steps) moveFocus(tile, steps[event.key]);
  else return;
  event.preventDefault();
});

toggle.addEventListener("click", () => {
  setOn(!isOn());
  // So that the keys work at once.
  if (isOn()) focusOn(reviewed().find((tile) => !tile.hidden && !tile.dataset.verdict) ?? visible()[0]);
});
part("filter").addEventListener("change", filter);
onVerdict(countSoon);
onStoredChange(() => {
  toggle.hidden = storedCount() === 0;
  countSoon();
});
