// Keeps the boxes and points on the portrait: every mark has its position in pixels of the image,
// and is moved here to where those pixels are on the screen.
const stage = element.closest(".portrait-stage");

function place() {
  const marks = element.querySelectorAll("[data-box]");
  const picture = stage && stage.querySelector(".portrait .image-frame img, .portrait img");
  const usable = picture && picture.naturalWidth > 0;
  const outline = element.querySelector("[data-corners]");
  const origin = element.getBoundingClientRect();
  const frame = usable ? picture.getBoundingClientRect() : null;
  if (!usable || frame.width === 0) {
    for (const mark of marks) mark.style.display = "none";
    if (outline) outline.style.display = "none";
    return;
  }
  // The image is fitted into its frame and centred, as with object-fit: contain.
  let scale = Math.min(frame.width / picture.naturalWidth, frame.height / picture.naturalHeight);
  if (getComputedStyle(picture).objectFit === "scale-down") scale = Math.min(1, scale);
  const left = frame.left - origin.left + (frame.width - scale * picture.naturalWidth) / 2;
  const top = frame.top - origin.top + (frame.height - scale * picture.naturalHeight) / 2;
  if (outline) {
    const corners = outline.dataset.corners.split(" ").map((corner) => corner.split(",").map(Number));
    outline.style.display = "block";
    outline.firstElementChild.setAttribute(
      "points", corners.map(([x, y]) => `${left + scale * x},${top + scale * y}`).join(" "));
  }
  for (const mark of marks) {
    const [x0, y0, x1, y1] = mark.dataset.box.split(",").map(Number);
    mark.style.display = "block";
    mark.style.left = `${left + scale * x0}px`;
    mark.style.top = `${top + scale * y0}px`;
    if (x1 !== undefined) {
      mark.style.width = `${scale * (x1 - x0)}px`;
      mark.style.height = `${scale * (y1 - y0)}px`;
    }
  }
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
    if (changes.some((change) => !(change.target.closest && change.target.closest("[data-box], [data-corners]")))) placeSoon();
  }).observe(stage, { childList: true, subtree: true, attributes: true, attributeFilter: ["src", "class"] });
  stage.addEventListener("load", placeSoon, true);
}
window.addEventListener("resize", placeSoon);
placeSoon();
