// A trim that is open when a video is requested is applied first; the click continues with the trimmed voice.
const column = element.closest(".inputs-column");
const APPLY = ".voice [data-testid=waveform-controls] .text-button"; // the first of "Trim" and "Cancel"
let asked = null;

if (column) {
  document.addEventListener("click", (event) => {
    const button = event.target.closest && event.target.closest("button.makes-video");
    const apply = button && !button.disabled && column.querySelector(APPLY);
    if (!apply) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    asked = button;
    apply.click();
  }, true);
  window.addEventListener("voicechange", () => {
    const button = asked;
    asked = null;
    if (button) button.click();
  });
  // If the trimmed voice never arrives, another voice that is added later must not start a job.
  for (const name of ["pointerdown", "keydown"]) column.addEventListener(name, () => { asked = null; }, true);
}
