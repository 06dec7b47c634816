// Gradio's audio component refuses files that the browser does not call audio/*, before the server sees them.
// They go to the button for videos, whose handler extracts the sound.
const stage = element.closest(".voice-stage");

function handOver(files) {
  const input = stage.querySelector(".voice-video input[type=file]");
  if (!input) return;
  const given = new DataTransfer();
  given.items.add(files[0]);
  input.files = given.files;
  input.dispatchEvent(new Event("change", { bubbles: true }));
}

function isOther(files) {
  return files.length > 0 && !files[0].type.startsWith("audio/");
}

if (stage) {
  stage.addEventListener("drop", (event) => {
    const files = event.dataTransfer ? event.dataTransfer.files : [];
    if (!event.target.closest(".voice") || !isOther(files)) return;
    event.preventDefault();
    event.stopPropagation();
    handOver(files);
  }, true);
  stage.addEventListener("change", (event) => {
    if (!event.target.matches(".voice input[type=file]") || !isOther(event.target.files)) return;
    event.stopPropagation();
    handOver(event.target.files);
    event.target.value = "";
  }, true);
  // The picker offers every supported kind; Gradio creates the input again with each voice.
  stage.addEventListener("click", () => {
    for (const input of stage.querySelectorAll("input[type=file]")) input.accept = ACCEPTED;
  }, true);
}
