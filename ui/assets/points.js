// Moves an animal's points with the pointer or the arrow keys, and shows the portrait larger. Uses drawn, place,
// picture and stage of overlay.js, in whose block it stands.
const SENDS_AFTER = 300, LARGEST = 8;

// ---- one point, without the others
let held = null, pressed = null, sending = null, focused = null, unsent = null;
const numbered = (number) => element.querySelector(`[data-point][data-number="${number}"]`);

function moved(number, x, y) {
  const at = drawn(), point = numbered(number);
  if (!at || !point) return;
  const [inX, inY] = [Math.min(Math.max(x, 0), at.width), Math.min(Math.max(y, 0), at.height)];
  point.dataset.box = `${inX.toFixed(1)},${inY.toFixed(1)}`;
  unsent = { point: number, x: inX, y: inY };
  place();
}

// Where the pointer is, in pixels of the image.
function pixel(event) {
  const at = drawn(), origin = element.getBoundingClientRect();
  return at && { x: (event.clientX - origin.left - at.left) / at.scale, y: (event.clientY - origin.top - at.top) / at.scale };
}

function send() {
  clearTimeout(sending);
  sending = null;
  if (unsent) trigger("click", unsent);
  unsent = null;
}

element.addEventListener("pointerdown", (event) => {
  const point = event.target.closest("[data-point]");
  if (!point || event.button) return;
  event.preventDefault();
  point.focus();
  held = Number(point.dataset.number);
  pressed = [event.clientX, event.clientY];
});
// On the window: an answer of the server may replace the mark while it is held.
window.addEventListener("pointermove", (event) => {
  if (held === null) return;
  if (pressed && Math.hypot(event.clientX - pressed[0], event.clientY - pressed[1]) < 3) return;
  pressed = null;
  const at = pixel(event);
  if (at) moved(held, at.x, at.y);
});
for (const end of ["pointerup", "pointercancel"]) {
  window.addEventListener(end, (event) => {
    if (held === null) return;
    // A mark that was only pressed: a click on the portrait, unless all points are set.
    const open = element.querySelector(".proposed") || !numbered(2);
    if (pressed && open && end === "pointerup") trigger("click", pixel(event));
    else send();
    held = null;
  });
}

const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
element.addEventListener("keydown", (event) => {
  const point = event.target.closest("[data-point]");
  const step = STEPS[event.key];
  if (!point || !step) return;
  event.preventDefault();
  const at = drawn();
  // A pixel of the screen or of the image, whichever is larger, so that every press is seen.
  const size = (event.shiftKey ? 10 : 1) * Math.max(1, at ? 1 / at.scale : 1);
  const [x, y] = numbers(point.dataset.box);
  moved(Number(point.dataset.number), x + size * step[0], y + size * step[1]);
  clearTimeout(sending);
  sending = setTimeout(send, SENDS_AFTER);
});
// A face is chosen with the keyboard by its button; the pointer clicks on the portrait below it.
element.addEventListener("click", (event) => {
  const face = event.target.closest("button[data-face]");
  if (!face) return;
  const [x0, y0, x1, y1] = numbers(face.dataset.box);
  trigger("click", { x: (x0 + x1) / 2, y: (y0 + y1) / 2 });
});
element.addEventListener("focusin", (event) => {
  const mark = event.target.closest("[data-point], button[data-face]");
  focused = !mark ? null : mark.dataset.face ? `[data-face="${mark.dataset.face}"]` : `[data-point][data-number="${mark.dataset.number}"]`;
});
element.addEventListener("focusout", (event) => {
  if (event.relatedTarget) focused = null;
  if (sending) send();
});

window.addEventListener("pointerdown", (event) => { if (!element.contains(event.target)) focused = null; });

// The server's answer replaces the marks, sometimes only after `watch` has heard of it: the focus stays on the
// same mark, and a point that is being moved with the pointer stays where it is.
function keepFocus() {
  if (unsent) moved(unsent.point, unsent.x, unsent.y);
  else place();  // a mark without a place is not displayed, and cannot take the focus
  const mark = focused && element.querySelector(focused);
  if (mark && document.activeElement !== mark && (!document.activeElement || document.activeElement === document.body)) {
    mark.focus({ preventScroll: true });
  }
}
new MutationObserver(keepFocus).observe(element, { childList: true, subtree: true });
watch("value", () => {
  keepFocus();
  if (!element.querySelector("[data-zoom]")) show(1);
  else limitButtons();
  placeSoon();
});

// ---- the portrait, larger
let zoom = 1, panX = 0, panY = 0, drag = null, dragged = false;

function limitButtons() {
  for (const button of element.querySelectorAll("[data-zoom]")) {
    button.disabled = button.dataset.zoom === "1" ? zoom >= LARGEST : zoom <= 1;
  }
}

function show(factor) {
  const image = picture();
  zoom = Math.min(Math.max(factor, 1), LARGEST);
  if (image) {
    const roomX = (zoom - 1) * image.offsetWidth / 2, roomY = (zoom - 1) * image.offsetHeight / 2;
    panX = Math.min(Math.max(panX, -roomX), roomX);
    panY = Math.min(Math.max(panY, -roomY), roomY);
    image.style.transform = zoom > 1 ? `translate(${panX}px, ${panY}px) scale(${zoom})` : "";
  }
  limitButtons();
  place();
}

// Around the points, if there are any, else around the middle.
function enlarge(by) {
  const points = [...element.querySelectorAll("[data-point]")].map((point) => numbers(point.dataset.box));
  const at = drawn(), image = picture();
  if (!at || !image) return;
  const next = Math.min(Math.max(zoom * by, 1), LARGEST);
  if (points.length) {
    const unit = at.scale / zoom * next;
    const mean = (axis) => points.reduce((sum, point) => sum + point[axis], 0) / points.length;
    panX = -(mean(0) - at.width / 2) * unit;
    panY = -(mean(1) - at.height / 2) * unit;
  }
  show(next);
}

element.addEventListener("click", (event) => {
  const button = event.target.closest("[data-zoom]");
  if (button) enlarge(button.dataset.zoom === "1" ? 1.6 : 1 / 1.6);
});

if (stage) {
  stage.addEventListener("load", (event) => { if (event.target === picture()) { panX = panY = 0; show(1); } }, true);
  // Dragging an enlarged portrait moves it; the click that ends a drag sets no point.
  stage.addEventListener("pointerdown", (event) => {
    dragged = false;
    if (zoom > 1 && event.target === picture() && !event.button) drag = [event.clientX - panX, event.clientY - panY, event.clientX, event.clientY];
  });
  window.addEventListener("pointermove", (event) => {
    if (!drag) return;
    if (Math.hypot(event.clientX - drag[2], event.clientY - drag[3]) > 4) dragged = true;
    if (!dragged) return;
    panX = event.clientX - drag[0];
    panY = event.clientY - drag[1];
    show(zoom);
  });
  window.addEventListener("pointerup", () => { drag = null; });
  stage.addEventListener("click", (event) => {
    if (dragged && event.target === picture()) event.stopPropagation();
    dragged = false;
  }, true);
  stage.addEventListener("dragstart", (event) => { if (zoom > 1) event.preventDefault(); });
}
