// What the page's inputs still lack for a session, and the consent box beside Start, which is that of the page again:
// on a phone, the page's own is far above. changed(): an input may have changed.
function liveInputs(box, changed) {
  const find = (selector) => document.querySelector(`.inputs-column ${selector}`);
  const consent = () => find("#page-consent input");
  let asked = false;
  function soon() {
    if (asked) return;
    asked = true;
    requestAnimationFrame(() => {
      asked = false;
      box.checked = Boolean(consent()?.checked);
      changed();
    });
  }
  box.addEventListener("change", () => { if (consent()?.checked !== box.checked) consent()?.click(); });
  for (const kind of ["input", "change"]) document.addEventListener(kind, soon);
  // The whole page: its columns may not be drawn yet.
  new MutationObserver(soon).observe(document.querySelector(".gradio-container") || document.body, { childList: true, subtree: true });
  soon();

  return {
    // The word for the status line. source: where the voice comes from.
    word(source) {
      if (!find("#page-portrait img") || !consent()?.checked) return "idle";
      if (source !== "file" || find("#page-voice audio, #page-voice .waveform-container")) return "ready";
      return find("#page-text textarea")?.value.trim() ? "unspoken" : "unvoiced";
    },
    // What is missing where a visitor sees it; the page's server has said so.
    show(word) {
      const listen = find("#page-text-listen");
      if (word === "unspoken" && listen) {
        listen.classList.add("is-missing");
        listen.addEventListener("click", () => listen.classList.remove("is-missing"), { once: true });
        listen.scrollIntoView({ block: "center" });
        listen.focus({ preventScroll: true });
      } else if (find("#page-portrait img") && !box.checked) {
        box.scrollIntoView({ block: "center" });
        box.focus({ preventScroll: true });
      }
    },
  };
}
