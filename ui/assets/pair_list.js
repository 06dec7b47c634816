// Takes a list of pairs (.csv or .jsonl) that is chosen or dropped together with the files that it names, and uploads
// those. `settings_file.js` passes on what is dropped anywhere on the page.
const status = () => element.querySelector(".pairs-status");

// The text for finding the names of files in it. Spreadsheets save "Unicode text" as UTF-16 with its mark, which `text()`
// of a file would not heed.
async function read(list) {
  const bytes = new Uint8Array(await list.arrayBuffer());
  const mark = 256 * bytes[0] + bytes[1];
  return new TextDecoder({ 0xfffe: "utf-16le", 0xfeff: "utf-16be" }[mark] || "utf-8").decode(bytes);
}

async function take(files) {
  const list = files.find((file) => LISTS.some((suffix) => file.name.toLowerCase().endsWith(suffix)));
  if (!list || list.size > LARGEST) {
    trigger("upload", { name: list?.name || "", content: null, files: {} });
    return;
  }
  const content = await contentOf(list);
  const text = (await read(list)).normalize("NFC");
  // Many programs escape letters of other scripts in JSON, as in \u4e2d.
  const plain = text.replace(/\\u([0-9a-f]{4})/gi, (_, code) => String.fromCharCode(parseInt(code, 16))).normalize("NFC");
  const names = (file) => [text, plain].some((one) => one.includes(file.name.normalize("NFC"))); // macOS has NFD
  const named = files.filter((file) => file !== list && names(file)).slice(0, MOST_FILES);
  const sent = {};
  for (const [number, file] of named.entries()) {
    if (status()) status().textContent = `${number + 1} / ${named.length}`;
    try {
      sent[file.name] = (await upload(file)).path;
    } catch { /* too large, or the connection was lost: the line says that its file is missing */ }
  }
  if (status()) status().textContent = "";
  trigger("upload", { name: list.name, content, files: sent });
}

element.addEventListener("change", (event) => {
  const files = [...(event.target.files || [])];
  event.target.value = ""; // the same files can be chosen again
  if (files.length) take(files);
});
document.addEventListener("pairs", (event) => take(event.detail));
