// Paints on the canvas over the image: by mouse, finger or pen, or by keys alone.
import { fillIn } from "../site/fill-in.js";
import { beginStroke, clear, draw, strokeCount, undo } from "./strokes.js";

const form = document.querySelector("form[data-edit]");
const part = (name) => form.querySelector(`[data-part="${name}"]`);
const canvas = part("canvas");
const brush = { x: canvas.width / 2, y: canvas.height / 2 };
let stroke;

// The slider is in percent of the image's longer side.
const radius = () => Number(part("brush").value) * Math.max(canvas.width, canvas.height) / 100;

function place({ clientX, clientY }) {
  const box = canvas.getBoundingClientRect();
  const scale = canvas.width / box.width;
  return { x: (clientX - box.left) * scale, y: (clientY - box.top) * scale };
}

canvas.addEventListener("pointerdown", (event) => {
  // A second finger paints nothing.
  if (!event.isPrimary || event.button) return;
  canvas.setPointerCapture(event.pointerId);
  stroke = beginStroke(place(event), radius());
  draw();
});

canvas.addEventListener("pointermove", (event) => {
  if (!stroke || !event.isPrimary) return;
  const moves = event.getCoalescedEvents?.() ?? [];
  stroke.points.push(...(moves.length ? moves : [event]).map(place));
  draw();
});

for (const name of ["pointerup", "pointercancel"]) canvas.addEventListener(name, () => { stroke = undefined; });

const DIRECTIONS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const ACTS = {
  " ": () => beginStroke({ x: brush.x, y: brush.y }, radius()),
  z: undo,
  "+": () => part("brush").stepUp(),
  "-": () => part("brush").stepDown(),
};

function move([x, y], isFine) {
  const step = Math.max(canvas.width, canvas.height) * (isFine ? 0.005 : 0.025);
  brush.x = Math.min(canvas.width, Math.max(0, brush.x + x * step));
  brush.y = Math.min(canvas.height, Math.max(0, brush.y + y * step));
}

canvas.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (key in DIRECTIONS) move(DIRECTIONS[key], event.shiftKey);
  else if (key in ACTS) ACTS[key]();
  else return;
  event.preventDefault();
  showBrush();
});

function showBrush() {
  draw({ ...brush, radius: radius() });
  const facts = {
    x: Math.round(100 * brush.x / canvas.width),
    y: Math.round(100 * brush.y / canvas.height),
    count: strokeCount(),
  };
  part("status").value = fillIn(part("status").dataset.text, facts);
}

// Only for those who came by keys: with a pointer, the ring would stay somewhere else.
canvas.addEventListener("focus", () => { if (canvas.matches(":focus-visible")) showBrush(); });
canvas.addEventListener("blur", () => draw());
part("undo").addEventListener("click", () => { undo(); draw(); });
part("clear").addEventListener("click", () => { clear(); draw(); });

/** Start with another image of this size, without strokes. */
export function paintOn({ naturalWidth, naturalHeight }) {
  Object.assign(canvas, { width: naturalWidth, height: naturalHeight });
  Object.assign(brush, { x: naturalWidth / 2, y: naturalHeight / 2 });
  clear();
  draw();
}
