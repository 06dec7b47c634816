// The desk's buttons, and its folds, which stay as they are when the server's answer replaces them.
const stage = document.querySelector(".portrait-stage");
const open = { quality: false, edit: false };

function fold() {
  for (const details of element.querySelectorAll("[data-fold]")) details.open = open[details.dataset.fold];
  // Only while the portrait is edited, the frame on it can be moved.
  if (stage) stage.classList.toggle("cropping", open.edit && Boolean(element.querySelector('[data-fold="edit"]')));
}

element.addEventListener("toggle", (event) => {
  const name = event.target.dataset && event.target.dataset.fold;
  if (!name || !event.target.isConnected) return;
  open[name] = event.target.open;
  fold();
}, true);
element.addEventListener("click", (event) => {
  const button = event.target.closest("[data-desk]");
  if (!button || button.disabled) return;
  trigger("click", { what: button.dataset.desk, value: button.dataset.value || "" });
});
// On change: while a colour is being searched, every movement would examine the portrait.
element.addEventListener("change", (event) => {
  if (event.target.type === "color") trigger("click", { what: "background", value: event.target.value });
});
if (stage) stage.addEventListener("desk-crop", (event) => trigger("click", { what: "crop", value: event.detail }));

let focused = "";
element.addEventListener("focusin", (event) => {
  const { desk, value } = event.target.dataset || {};
  focused = desk ? `[data-desk="${desk}"]${desk === "background" ? "" : `[data-value="${value || ""}"]`}` : "";
});
watch("value", () => {
  fold();
  const lost = !document.activeElement || document.activeElement === document.body;
  const button = focused && lost && element.querySelector(focused.replace('[data-value=""]', ""));
  if (button) button.focus({ preventScroll: true });
});
