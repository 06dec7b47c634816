// The link of a video: makes and revokes it, copies it, hands it to the system, and asks for an export.
function offer() {
  const send = element.querySelector("[data-send]");
  if (send) send.hidden = !navigator.share; // not in every browser, and only with https
}

async function copy(button) {
  const field = element.querySelector("input");
  try {
    await navigator.clipboard.writeText(field.value);
  } catch { // without https, browsers have the old way only
    field.select();
    if (!document.execCommand("copy")) return; // it is selected, and can be copied by hand
  }
  const [before, after] = button.children;
  before.hidden = true;
  after.hidden = false;
  setTimeout(() => { before.hidden = false; after.hidden = true; }, 2000);
}

element.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  const { what, shape, format } = button.dataset;
  if (what) {
    trigger("click", { what });
  } else if ("copy" in button.dataset) {
    copy(button);
  } else if ("send" in button.dataset) {
    // Its promise fails when the visitor closes the system's window.
    navigator.share({ title: document.title, url: element.querySelector("input").value }).catch(() => {});
  } else if (!document.getElementById(EXPORT)?.disabled) { // another export is still running
    trigger("input", { shape, format });
  }
});
watch("value", offer);
offer();
