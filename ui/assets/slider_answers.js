// Sliders that answer: says when an option of an engine is touched and when it has been moved, and plays the two
// loops that the server sends back in the same rhythm.
const QUIET_FOR = 600;  // milliseconds without a movement after which a loop is worth its work
const MOVES = "input, select, textarea, button, [role=option], [role=radio], [role=slider]";
let later = null, touched = "";

// The engine in whose options an element is; none for other parts of the page.
function engineOf(target) {
  const column = target.closest && target.closest(".options-column");
  const named = column && column.querySelector('[id*="-option-"], [id$="-animation-mode"]');
  return named ? named.id.replace(/-(option-.*|animation-mode)$/, "") : "";
}

const given = () => document.querySelector(".portrait img") && document.querySelector(".voice :is(.waveform-container, audio)")
  && document.querySelector(".consent input:checked");
const working = (on) => {
  const panel = element.querySelector(".loop-panel");
  if (panel) panel.classList.toggle("working", on);
};

function touch(event) {
  const engine = given() ? engineOf(event.target) : "";
  // While a movement waits for its answer or has one, A is what was there before its first step.
  if (!engine || (touched === engine && (later !== null || element.querySelector(".loop-panel")))) return;
  touched = engine;
  trigger("click", { what: "touch", engine });
}
function move(event) {
  const engine = given() ? engineOf(event.target) : "";
  if (!engine || !event.target.closest(MOVES)) return;
  clearTimeout(later);
  working(true);
  later = setTimeout(() => {
    later = null;
    trigger("click", { what: "move", engine });
  }, QUIET_FOR);
}
function close(what) {
  clearTimeout(later);
  later = null;
  touched = "";
  trigger(what === "back" ? "select" : "click", { what });
}

// Before the values change, and for keys as well.
for (const begins of ["pointerdown", "focusin", "keydown"]) document.addEventListener(begins, touch, true);
for (const moves of ["input", "change", "click"]) document.addEventListener(moves, move);
document.addEventListener("click", (event) => {
  // What is generated now is what the visitor wants: the settings stay, and the machine is free for it.
  if (event.target.closest(".makes-video") && (touched || later !== null)) close("keep");
}, true);

element.addEventListener("click", (event) => {
  const button = event.target.closest("[data-loop]");
  if (!button) return;
  if (button.dataset.loop !== "flip") return close(button.dataset.loop);
  const stage = element.querySelector(".loop-stage");
  stage.dataset.shown = stage.dataset.shown === "a" ? "b" : "a";
  button.setAttribute("aria-pressed", String(stage.dataset.shown === "a"));
});
element.addEventListener("keydown", (event) => { if (event.key === "Escape") close("keep"); });

// One clock for both: the second follows the first.
element.addEventListener("timeupdate", (event) => {
  const [first, second] = element.querySelectorAll("video");
  if (second && event.target === first && Math.abs(first.currentTime - second.currentTime) > 0.1) {
    second.currentTime = first.currentTime;
  }
}, true);
