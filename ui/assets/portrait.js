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

if (stage) {
  stage.addEventListener("drop", (event) => {
    const file = event.dataTransfer && event.dataTransfer.files[0];
    const input = stage.querySelector(".portrait input[type=file]");
    const known = file && input && event.target.closest(".portrait") && typed(file);
    if (!known) return;
    event.preventDefault();
    event.stopPropagation();
    give(input, known);
  }, true);
  stage.addEventListener("change", (event) => {
    const file = event.target.matches(".portrait input[type=file]") && event.target.files[0];
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
