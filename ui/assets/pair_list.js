// Takes a list of pairs (.csv or .jsonl) that is chosen or dropped together with the files that it names, and uploads
// those. `settings_file.js` passes on what is dropped anywhere on the page.
const status = () => element.querySelector(".pairs-status");

async function take(files) {
  const list = files.find((file) => LISTS.some((suffix) => file.name.toLowerCase().endsWith(suffix)));
  if (!list || list.size > LARGEST) {
    trigger("upload", { name: list?.name || "", text: null, files: {} });
    return;
  }
  const text = await list.text();
  const named = files.filter((file) => file !== list && text.includes(file.name)).slice(0, MOST_FILES);
  const sent = {};
  for (const [number, file] of named.entries()) {
    if (status()) status().textContent = `${number + 1} / ${named.length}`;
    try {
      sent[file.name] = (await upload(file)).path;
    } catch { /* too large, or the connection was lost: the line says that its file is missing */ }
  }
  if (status()) status().textContent = "";
  trigger("upload", { name: list.name, text, files: sent });
}

element.addEventListener("change", (event) => {
  const files = [...(event.target.files || [])];
  event.target.value = ""; // the same files can be chosen again
  if (files.length) take(files);
});
document.addEventListener("pairs", (event) => take(event.detail));
