// Gradio's image component refuses files that the browser does not call image/*, before the server sees them,
// and not every system knows HEIC or JPEG 2000. Such files get the media type of their suffix.
const stage = element.closest(".portrait-stage");

function typed(file) {
  const type = TYPES[file.name.split(".").pop().toLowerCase()];
  return type && !file.type.startsWith("image/") ? new File([file], file.name, { type }) : null;
}

function give(input, file) {
  const given = new DataTransfer();
  given.items.add(file);
  input.files = given.files;
  input.dispatchEvent(new Event("change", { bubbles: true }));
}

// A video is for the tab that dubs, if this page has it: it opens there.
function dubbed(file) {
  const tab = document.querySelector(".tab-container:not(.visually-hidden) [role=tab][data-tab-id=dub-tab]");
  if (!tab || !file.type.startsWith("video/")) return false;
  const put = () => {
    const input = document.querySelector("#dub-video input[type=file]");
    if (!input) return false;
    give(input, file);
    // Above and below each other, the tab may be far from the portrait.
    if (matchMedia("(max-width: 900px)").matches) document.getElementById("dub-video").scrollIntoView({ block: "center" });
    return true;
  };
  tab.click();
  if (put()) return true;
  // The tab is drawn when it is first opened; one with a video has a place for another once that is taken away.
  document.querySelector("#dub-video .icon-button-wrapper button")?.click();
  const drawn = new MutationObserver(() => { if (put()) drawn.disconnect(); });
  drawn.observe(document.body, { childList: true, subtree: true });
  setTimeout(() => drawn.disconnect(), 5000);
  return true;
}

if (stage) {
  stage.addEventListener("drop", (event) => {
    const file = event.dataTransfer && event.dataTransfer.files[0];
    const input = stage.querySelector(".portrait input[type=file]");
    if (!file || !event.target.closest(".portrait")) return;
    if (dubbed(file)) {
      event.preventDefault();
      event.stopPropagation();
      return;
    }
    const known = input && typed(file);
    if (!known) return;
    event.preventDefault();
    event.stopPropagation();
    give(input, known);
  }, true);
  stage.addEventListener("change", (event) => {
    const file = event.target.matches(".portrait input[type=file]") && event.target.files[0];
    if (file && dubbed(file)) {
      event.stopPropagation();
      event.target.value = "";
      return;
    }
    const known = file && typed(file);
    if (!known) return;
    event.stopPropagation();
    give(event.target, known);
  }, true);
  // The picker offers every supported kind; Gradio creates the input again with each portrait.
  stage.addEventListener("click", () => {
    for (const input of stage.querySelectorAll(".portrait input[type=file]")) input.accept = ACCEPTED;
  }, true);
}
