// Asks before the window is left if the visitor has given a portrait, a voice, a text or a performance that is in no
// job: these are lost with the page, while the gallery brings back those of every video.
const OWN = { "#page-portrait": false, "#page-voice": false };
const PERFORMANCE = ".performance-file";
let recorded = ""; // by name, because its fold may be closed
let begun = "";
let inJob = "";
let seen = "";

// A file, a recording, a photograph: given in the part itself. An example is there again with one click.
function give(event) {
  for (const part of Object.keys(OWN)) {
    if (event.target.closest?.(part)) OWN[part] = true;
    if (event.target.closest?.(`${part}-examples`)) OWN[part] = false;
  }
  if (!event.target.closest?.(PERFORMANCE)) return;
  const [file] = event.target.files || event.dataTransfer?.files || [];
  if (file) recorded = file.name;
  else if (event.type === "click" && event.target.closest("[aria-label=Clear]")) recorded = "";
}
for (const kind of ["change", "drop", "click"]) document.addEventListener(kind, give, true);

function given() {
  const portrait = document.querySelector("#page-portrait img")?.src || "";
  const voice = document.querySelector("#page-voice audio")?.src
    || (document.querySelector("#page-voice .waveform-container") ? "voice" : "");
  const text = document.querySelector("#page-text textarea")?.value.trim() || "";
  const own = (OWN["#page-portrait"] && portrait) || (OWN["#page-voice"] && voice) || text || recorded;
  return own ? [portrait, voice, text, recorded].join("\n") : "";
}

// A job has what was given when it began; a short one is over before the tray shows it.
document.addEventListener("click", (event) => {
  if (event.target.closest?.("button.makes-video")) begun = given();
});
watch("value", () => {
  const ids = [...element.querySelectorAll("li[data-job]")].map((job) => job.dataset.job).join();
  if (ids && ids !== seen) inJob = given();
  seen = ids;
});

addEventListener("beforeunload", (event) => {
  const now = given();
  const atWork = document.querySelector(".job.waiting, .job.running, .job.done");
  if (now && now !== inJob && !(now === begun && atWork)) event.preventDefault();
});
