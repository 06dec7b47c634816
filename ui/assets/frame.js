// The frame around the part of the portrait that is kept: its corners crop, and its middle moves it. Uses drawn,
// numbers, place and stage of overlay.js, in whose block it stands.
const LEAST = 64;  // pixels of a side, as in media/picture.py
const frame = () => element.querySelector("[data-frame]");
let grip = null, edge = null, later = null;

function box() {
  const at = drawn(), mark = frame();
  if (!at || !mark) return null;
  if (!mark.dataset.frame) return [0, 0, at.width, at.height];
  const [x0, y0, x1, y1] = numbers(mark.dataset.frame);
  return [Math.max(0, x0), Math.max(0, y0), Math.min(at.width, x1), Math.min(at.height, y1)];
}

// The box after the grip has moved by x, y pixels of the image, inside the image and in the same shape.
function movedBox([x0, y0, x1, y1], name, x, y, at) {
  if (name === "move") {
    const left = Math.min(Math.max(x0 + x, 0), at.width - (x1 - x0)), top = Math.min(Math.max(y0 + y, 0), at.height - (y1 - y0));
    return [left, top, left + x1 - x0, top + y1 - y0];
  }
  const west = name.includes("w"), north = name.includes("n");
  const fixX = west ? x1 : x0, fixY = north ? y1 : y0;
  const roomX = west ? fixX : at.width - fixX, roomY = north ? fixY : at.height - fixY;
  let width = Math.min(roomX, Math.max(LEAST, (x1 - x0) + (west ? -x : x)));
  let height = Math.min(roomY, Math.max(LEAST, (y1 - y0) + (north ? -y : y)));
  const ratio = Number(frame().dataset.ratio);
  if (ratio) {
    width = Math.min(Math.max(width, height * ratio), roomX, roomY * ratio);
    height = width / ratio;
  }
  return [west ? fixX - width : fixX, north ? fixY - height : fixY, west ? fixX : fixX + width, north ? fixY : fixY + height];
}

function setBox(next) {
  edge = next;
  frame().dataset.frame = next.map((one) => one.toFixed(1)).join(",");
  place();
}

function sendBox() {
  clearTimeout(later);
  later = null;
  if (edge) stage.dispatchEvent(new CustomEvent("desk-crop", { detail: edge }));
  edge = null;
}

element.addEventListener("pointerdown", (event) => {
  const button = event.target.closest("[data-grip]");
  if (!button || event.button) return;
  event.preventDefault();
  button.focus();
  grip = { name: button.dataset.grip, from: box(), x: event.clientX, y: event.clientY };
});
window.addEventListener("pointermove", (event) => {
  const at = grip && drawn();
  if (!at || !grip.from || !frame()) return;
  setBox(movedBox(grip.from, grip.name, (event.clientX - grip.x) / at.scale, (event.clientY - grip.y) / at.scale, at));
});
for (const end of ["pointerup", "pointercancel"]) window.addEventListener(end, () => { if (grip) sendBox(); grip = null; });
element.addEventListener("keydown", (event) => {
  const button = event.target.closest("[data-grip]");
  const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
  const at = button && step && drawn();
  if (!at) return;
  event.preventDefault();
  const size = (event.shiftKey ? 10 : 2) * Math.max(1, 1 / at.scale);
  setBox(movedBox(box(), button.dataset.grip, size * step[0], size * step[1], at));
  clearTimeout(later);
  later = setTimeout(sendBox, 400);
});
let held_grip = "";
element.addEventListener("focusin", (event) => { held_grip = event.target.dataset.grip || ""; });
// Before another button acts: its answer would show the frame where it was.
element.addEventListener("focusout", () => { if (later) sendBox(); });
watch("value", () => {
  if (edge && frame()) setBox(edge);
  const button = held_grip && element.querySelector(`[data-grip="${held_grip}"]`);
  if (button && (!document.activeElement || document.activeElement === document.body)) button.focus({ preventScroll: true });
});
