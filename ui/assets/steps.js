// The bar of the three steps at the bottom of a phone's screen: leads to a step, marks the one on the screen and those
// that are done, and shows the video when its job begins.
const narrow = matchMedia("(max-width: 700px)");
const buttons = [...element.querySelectorAll("[data-step]")];
const heading = (button) => document.getElementById(`step-${button.dataset.step}`);
const find = (selector) => document.querySelector(selector);
const DONE = {
  portrait: () => find("#page-portrait img"),
  voice: () => find("#page-voice audio, #page-voice .waveform-container") || find("#page-text textarea")?.value.trim(),
  video: () => [...document.querySelectorAll(".tabs-column [data-state=done]")].some((one) => one.checkVisibility()),
};

function mark() {
  // The last step whose heading is in the upper half of the screen.
  const passed = buttons.filter((button) => heading(button)?.getBoundingClientRect().top < innerHeight / 2);
  const here = passed.pop() || buttons[0];
  for (const button of buttons) {
    const done = Boolean(DONE[button.dataset.step]());
    if (button === here) button.setAttribute("aria-current", "step");
    else button.removeAttribute("aria-current");
    button.classList.toggle("done", done);
    button.querySelector(".unseen").hidden = !done;
  }
}

let asked = false;
function markSoon() {
  if (asked || !narrow.matches) return;
  asked = true;
  requestAnimationFrame(() => { asked = false; mark(); });
}

function show(name) {
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  document.getElementById(`step-${name}`)?.scrollIntoView({ behavior: still ? "auto" : "smooth" });
}

element.addEventListener("click", (event) => {
  const button = event.target.closest("[data-step]");
  if (button) show(button.dataset.step);
});
window.addEventListener("jobbegun", () => { if (narrow.matches) show("video"); });
window.addEventListener("scroll", markSoon, { passive: true });
for (const kind of ["input", "change", "load", "click"]) document.addEventListener(kind, markSoon, true);
// What is given and what is made; a wide screen, which hides the bar, is not watched.
const changes = new MutationObserver(markSoon);
function watchPage() {
  changes.disconnect();
  // The whole page: its columns may not be drawn yet.
  if (narrow.matches) changes.observe(element.closest(".gradio-container"), { childList: true, subtree: true });
  markSoon();
}
narrow.addEventListener("change", watchPage);
watchPage();

// Gradio's folds do not tell screen readers whether they are open.
function tell(fold) {
  fold.setAttribute("aria-expanded", String(fold.classList.contains("open")));
}
document.querySelectorAll("button.label-wrap").forEach(tell);
document.addEventListener("focusin", (event) => { if (event.target.matches("button.label-wrap")) tell(event.target); });
document.addEventListener("click", (event) => {
  const fold = event.target.closest?.("button.label-wrap");
  if (fold) requestAnimationFrame(() => tell(fold));
});
