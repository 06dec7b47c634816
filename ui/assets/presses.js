// A press counts although its control moves, or is drawn anew, before the mouse button is released. Browsers send no
// click then: an answer of the server that arrives within that tenth of a second would swallow it.
const CONTROLS = 'button, summary, label, a[href], [role="tab"], input:is([type="checkbox"], [type="radio"])';
const DRAGGED = "[data-point], [data-grip]"; // they follow the pointer by themselves
const STILL = 6; // pixels that a hand moves without meaning to
let pressed = null;

function signOf(control) {
  const data = JSON.stringify({ ...control.dataset });
  return [control.tagName, control.getAttribute("aria-label"), data, control.textContent.trim()].join("\n");
}

function placesOf(control) {
  const places = [];
  for (let one = control; one; one = one.parentElement) if (one.id) places.push(one.id);
  return places;
}

// The control, or the one that has replaced it.
function found({ control, places, sign }) {
  if (control.isConnected) return control;
  for (const id of places) {
    const place = document.getElementById(id);
    if (!place) continue;
    return [place, ...place.querySelectorAll(control.tagName)].find((one) => signOf(one) === sign) || null;
  }
  return null;
}

window.addEventListener("pointerdown", (event) => {
  pressed = null;
  const control = event.target instanceof Element && event.target.closest(CONTROLS);
  if (!control || event.button || event.pointerType !== "mouse" || control.closest(DRAGGED)) return;
  const { left, top } = control.getBoundingClientRect();
  pressed = { control, places: placesOf(control), sign: signOf(control), left, top, x: event.clientX, y: event.clientY };
}, true);

window.addEventListener("pointerup", (event) => {
  const press = pressed;
  pressed = null;
  if (!press || Math.hypot(event.clientX - press.x, event.clientY - press.y) > STILL) return;
  const { control } = press;
  const at = control.getBoundingClientRect();
  if (control.isConnected && Math.hypot(at.left - press.left, at.top - press.top) < 1) return;
  let came = false;
  const note = ({ target }) => { came ||= target instanceof Element && Boolean(target.closest(CONTROLS)); };
  window.addEventListener("click", note, true);
  // The browser's own click comes with the release, before this.
  setTimeout(() => {
    window.removeEventListener("click", note, true);
    if (!came) found(press)?.click();
  });
}, true);
window.addEventListener("pointercancel", () => { pressed = null; }, true);
