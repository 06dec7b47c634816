// Keeps the boxes and points on the portrait: every mark has its position in pixels of the image,
// and is moved here to where those pixels are on the screen.
const stage = element.closest(".portrait-stage");
const picture = () => stage && stage.querySelector(".portrait .image-frame img, .portrait img");

// Where the image is drawn: fitted into its frame and centred, as with object-fit: contain.
function drawn() {
  const image = picture();
  const frame = image && image.naturalWidth > 0 ? image.getBoundingClientRect() : null;
  if (!frame || frame.width === 0) return null;
  const width = image.naturalWidth, height = image.naturalHeight;
  const shown = frame.width / image.offsetWidth || 1;  // enlarged by the visitor
  let scale = Math.min(frame.width / width, frame.height / height);
  if (getComputedStyle(image).objectFit === "scale-down") scale = Math.min(shown, scale);
  const origin = element.getBoundingClientRect();
  return { scale, width, height,
    left: frame.left - origin.left + (frame.width - scale * width) / 2,
    top: frame.top - origin.top + (frame.height - scale * height) / 2 };
}

const numbers = (text) => text.split(",").map(Number);

function place() {
  const at = drawn();
  const marks = element.querySelectorAll("[data-box], [data-name], [data-line], [data-corners], [data-frame]");
  for (const mark of marks) mark.style.display = at ? "block" : "none";
  if (!at) return;
  const outline = element.querySelector("[data-corners]");
  if (outline) {
    const corners = outline.dataset.corners.split(" ").map(numbers);
    outline.firstElementChild.setAttribute(
      "points", corners.map(([x, y]) => `${at.left + at.scale * x},${at.top + at.scale * y}`).join(" "));
  }
  for (const mark of element.querySelectorAll("[data-box]")) {
    const [x0, y0, x1, y1] = numbers(mark.dataset.box);
    mark.style.left = `${at.left + at.scale * x0}px`;
    mark.style.top = `${at.top + at.scale * y0}px`;
    if (x1 !== undefined) {
      mark.style.width = `${at.scale * (x1 - x0)}px`;
      mark.style.height = `${at.scale * (y1 - y0)}px`;
    }
  }
  const kept = element.querySelector("[data-frame]");
  if (kept) {
    const [x0, y0, x1, y1] = kept.dataset.frame ? numbers(kept.dataset.frame) : [0, 0, at.width, at.height];
    kept.style.left = `${at.left + at.scale * x0}px`;
    kept.style.top = `${at.top + at.scale * y0}px`;
    kept.style.width = `${at.scale * (x1 - x0)}px`;
    kept.style.height = `${at.scale * (y1 - y0)}px`;
  }
  placeNames(at);
}

// The names stand beside the face, not on it, and a line leads to each point.
const OUTWARDS = [[-1, -0.35], [1, -0.35], [0, 1]];
function placeNames(at) {
  const points = [...element.querySelectorAll("[data-point]")].map((point) => {
    const [x, y] = numbers(point.dataset.box);
    return [at.left + at.scale * x, at.top + at.scale * y];
  });
  const eyes = points.length > 1 ? Math.hypot(points[1][0] - points[0][0], points[1][1] - points[0][1]) : 30;
  const distance = Math.min(Math.max(0.85 * eyes, 22), 90);
  const turn = points.length > 1 ? Math.atan2(points[1][1] - points[0][1], points[1][0] - points[0][0]) : 0;
  const frame = element.getBoundingClientRect();
  points.forEach(([x, y], number) => {
    const name = element.querySelector(`[data-name="${number}"]`);
    const line = element.querySelector(`[data-line="${number}"] line`);
    const [outX, outY] = OUTWARDS[number];
    const toX = x + distance * (outX * Math.cos(turn) - outY * Math.sin(turn));
    const toY = y + distance * (outX * Math.sin(turn) + outY * Math.cos(turn));
    const width = name.offsetWidth, height = name.offsetHeight;
    const side = toX - x < -8 ? 1 : toX - x > 8 ? 0 : 0.5;
    const left = Math.min(Math.max(toX - side * width, 2), frame.width - width - 2);
    const top = Math.min(Math.max(toY - height / 2, 2), frame.height - height - 2);
    name.style.left = `${left}px`;
    name.style.top = `${top}px`;
    const end = { x1: x, y1: y, x2: Math.min(Math.max(x, left), left + width), y2: Math.min(Math.max(y, top), top + height) };
    for (const [key, value] of Object.entries(end)) line.setAttribute(key, value);
  });
}

let asked = false;
function placeSoon() {
  if (asked) return;
  asked = true;
  requestAnimationFrame(() => { asked = false; place(); });
}

if (stage) {
  new ResizeObserver(placeSoon).observe(stage);
  new MutationObserver((changes) => {
    // Moving a mark changes its style; reacting to that would loop forever.
    if (changes.some((change) => !(change.target.closest && change.target.closest("[data-box], [data-corners], [data-name], [data-line], [data-frame]")))) placeSoon();
  }).observe(stage, { childList: true, subtree: true, attributes: true, attributeFilter: ["src", "class"] });
  stage.addEventListener("load", placeSoon, true);
}
window.addEventListener("resize", placeSoon);
placeSoon();
