// Reads a preset or settings file that is chosen, or dropped anywhere on the page. Other files are refused with a
// message, except where Gradio takes them: without this, the browser would leave the page to show them.
const isOurs = (file) => SUFFIXES.some((suffix) => file.name.toLowerCase().endsWith(suffix));

async function hand(file) {
  let content = null;
  try {
    if (isOurs(file) && file.size <= LARGEST) content = await contentOf(file);
  } catch { /* a folder, or a file that has gone */ }
  trigger("upload", { name: file.name, content });
}

element.addEventListener("change", (event) => {
  const [file] = event.target.files || [];
  if (file) hand(file);
  event.target.value = ""; // the same file can be chosen again
});

function takesFiles(target) {
  if (!(target instanceof Element)) return false;
  const block = target.closest(".block");
  return Boolean(target.closest(".portrait-stage, .voice-stage") || block?.querySelector("input[type=file]"));
}

const carriesFiles = (event) => event.dataTransfer && [...event.dataTransfer.types].includes("Files");
window.addEventListener("dragover", (event) => {
  if (carriesFiles(event)) event.preventDefault();
}, true);
window.addEventListener("drop", (event) => {
  if (event.target.closest?.(".performance-file")) return;  // its files may end as settings and lists do
  const files = carriesFiles(event) ? [...event.dataTransfer.files] : [];
  if (files.some((file) => LISTS.some((suffix) => file.name.toLowerCase().endsWith(suffix)))) {
    event.preventDefault();
    event.stopPropagation();
    document.dispatchEvent(new CustomEvent("pairs", { detail: files }));
    return;
  }
  const ours = files.find(isOurs);
  if (!files.length || (!ours && takesFiles(event.target))) return;
  event.preventDefault();
  event.stopPropagation();
  hand(ours || files[0]);
}, true);
