// What is painted on the canvas, in pixels of the image: strokes by the brush, or a rectangle.

const COLOUR = "#e6007e";

const canvas = document.querySelector('[data-edit] [data-part="canvas"]');
const context = canvas.getContext("2d");
const strokes = [];
let rectangle;

export const strokeCount = () => strokes.length;

/** Begin a stroke at a point and return it; points are added to `stroke.points`. */
export function beginStroke(point, radius) {
  const stroke = { points: [point], radius };
  strokes.push(stroke);
  return stroke;
}

export const undo = () => strokes.pop();
export const clear = () => { strokes.length = 0; };

/** Show { left, top, width, height } instead of the strokes; undefined shows the strokes again. */
export function showRectangle(sides) {
  rectangle = sides;
  draw();
}

/** Draw everything, and the brush { x, y, radius } if there is one. */
export function draw(brush) {
  context.clearRect(0, 0, canvas.width, canvas.height);
  context.fillStyle = context.strokeStyle = COLOUR;
  context.lineCap = context.lineJoin = "round";
  if (rectangle) context.fillRect(rectangle.left, rectangle.top, rectangle.width, rectangle.height);
  else strokes.forEach(drawStroke);
  if (!brush) return;
  // Two rings, so that one of them is visible on any picture.
  for (const [colour, width] of [["#fff", 5], ["#000", 2]]) {
    context.strokeStyle = colour;
    context.lineWidth = width * canvas.width / 1024;
    context.beginPath();
    context.arc(brush.x, brush.y, brush.radius, 0, 2 * Math.PI);
    context.stroke();
  }
}

function drawStroke({ points, radius }) {
  context.lineWidth = radius * 2;
  context.beginPath();
  points.forEach(({ x, y }, number) => (number ? context.lineTo(x, y) : context.moveTo(x, y)));
  context.stroke();
  // A line without length paints nothing, so a tap needs a disc.
  context.beginPath();
  context.arc(points[0].x, points[0].y, radius, 0, 2 * Math.PI);
  context.fill();
}

/** Return the mask as a PNG: transparent where something is painted, opaque elsewhere. Undefined if nothing is. */
export async function mask() {
  if (!strokes.length) return undefined;
  draw();
  const { width, height } = canvas;
  const pixels = context.getImageData(0, 0, width, height);
  const { data } = pixels;
  for (let alpha = 3; alpha < data.length; alpha += 4) {
    data[alpha - 3] = data[alpha - 2] = data[alpha - 1] = 0;
    data[alpha] = data[alpha] > 127 ? 0 : 255;
  }
  const copy = Object.assign(document.createElement("canvas"), { width, height });
  copy.getContext("2d").putImageData(pixels, 0, 0);
  return new Promise((resolve) => { copy.toBlob(resolve, "image/png"); });
}
