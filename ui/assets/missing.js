(wanted) => {
  const column = document.querySelector(".inputs-column");
  const find = (selector) => column.querySelector(selector);
  const places = [
    ["#page-portrait", () => find("#page-portrait img")],
    [
      "#page-voice",
      () => find("#page-voice audio, #page-voice .waveform-container") || find("#page-text textarea")?.value.trim(),
    ],
    ["#page-consent", () => find("#page-consent input").checked],
  ].filter(([place]) => wanted.includes(place));
  const missing = new Map(places.filter(([, given]) => !given()).map(([place, given]) => [find(place), given]));

  function settle() {
    for (const [place, given] of missing) {
      const there = Boolean(given());
      place.classList.toggle("is-missing", !there);
      if (there) missing.delete(place);
    }
    if (!missing.size) column.stopMarking();
  }

  // An earlier click may still be watching.
  column.stopMarking?.();
  const pictures = new MutationObserver(settle);
  column.stopMarking = () => {
    pictures.disconnect();
    column.removeEventListener("input", settle);
    column.removeEventListener("change", settle);
  };
  pictures.observe(column, { subtree: true, childList: true });
  column.addEventListener("input", settle);
  column.addEventListener("change", settle);
  const first = [...missing.keys()][0];
  settle();
  if (!first) return;
  first.scrollIntoView({ block: "center" });
  first.querySelector("input:not([type=file]), button, textarea")?.focus({ preventScroll: true });
}
