// The still of a video to be dubbed: a click on it chooses the person who gets new lips. Faces are buttons, for the
// keyboard; their places are in percent of the picture.
const numbers = (text) => text.split(" ").map(Number);
let focused = "";

function place() {
  for (const face of element.querySelectorAll("[data-face]")) {
    const [x0, y0, x1, y1] = numbers(face.dataset.face);
    Object.assign(face.style, { left: `${x0}%`, top: `${y0}%`, width: `${x1 - x0}%`, height: `${y1 - y0}%` });
  }
}

element.addEventListener("click", (event) => {
  const picture = event.target.closest(".dub-picture");
  if (!picture) return;
  const time = Number(picture.dataset.time), face = event.target.closest("[data-face]");
  const box = picture.getBoundingClientRect();
  let x = (event.clientX - box.left) / box.width, y = (event.clientY - box.top) / box.height;
  if (face && !event.detail) {  // by the keyboard
    const [x0, y0, x1, y1] = numbers(face.dataset.face);
    [x, y] = [(x0 + x1) / 200, (y0 + y1) / 200];
  }
  const inside = (value) => Math.min(Math.max(value, 0), 1);
  trigger("click", { x: inside(x), y: inside(y), time });
});
element.addEventListener("focusin", (event) => { focused = event.target.dataset.face || ""; });
watch("value", () => {
  place();
  const lost = !document.activeElement || document.activeElement === document.body;
  const face = focused && [...element.querySelectorAll("[data-face]")].find((one) => one.dataset.face === focused);
  if (face && lost) face.focus({ preventScroll: true });
});
new MutationObserver(place).observe(element, { childList: true, subtree: true });
place();
