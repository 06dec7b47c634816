// The list of takes or comparisons: chooses one, picks several, turns the pages, and plays the take under the
// pointer or with the focus.
const starts = []; // of the newer pages
let chosen = "", picked = [], playing = null;

const idOf = (button) => button.dataset.take || button.dataset.comparison;

function mark() {
  for (const one of element.querySelectorAll("button[data-take], button[data-comparison]"))
    one.setAttribute("aria-pressed", String(idOf(one) === chosen));
  for (const box of element.querySelectorAll("input[data-pick]")) {
    box.checked = picked.includes(box.dataset.pick);
    box.disabled = !box.checked && picked.length >= MOST;
  }
}

function pick(ids) {
  picked = ids;
  mark();
  trigger("input", { picked });
}

element.addEventListener("click", (event) => {
  const one = event.target.closest("button[data-take], button[data-comparison]");
  const page = event.target.closest("button[data-page]");
  if (one) {
    chosen = idOf(one);
    mark();
    if (one.dataset.take) trigger("click", { take: chosen });
    else trigger("expand", { comparison: chosen });
  } else if (page) {
    const here = Number(page.parentElement.dataset.start);
    const newer = page.dataset.page === "newer";
    const start = newer ? (starts.pop() ?? 0) : Number(page.dataset.start);
    if (!newer) starts.push(here);
    trigger("select", { start });
  }
});

element.addEventListener("change", (event) => {
  const id = event.target.dataset.pick;
  if (id) pick(event.target.checked ? [...picked, id] : picked.filter((one) => one !== id));
});

// by: "pointer" or "focus"; only the same ends it, because the page may scroll below a pointer that rests.
function stop(by) {
  if (!playing || (by && playing.by !== by)) return;
  const video = playing.video;
  playing = null;
  video.removeAttribute("src"); // ends the download, too
  video.load();
  video.remove();
}

function play(take, by) {
  if (playing && playing.take === take) return;
  stop();
  if (matchMedia("(prefers-reduced-motion: reduce)").matches) return;
  const video = document.createElement("video");
  Object.assign(video, { muted: true, loop: true, playsInline: true, src: take.dataset.video });
  take.querySelector(".take-picture").append(video);
  playing = { take, video, by };
  video.play().catch(() => {}); // it may be removed before it starts
}

element.addEventListener("pointerover", (event) => {
  const take = event.target.closest("button[data-take]");
  if (!take) stop("pointer");
  else if (event.pointerType !== "touch") play(take, "pointer");
});
element.addEventListener("pointerleave", () => stop("pointer"));
element.addEventListener("focusin", (event) => {
  const take = event.target.closest("button[data-take]");
  if (take && take.matches(":focus-visible")) play(take, "focus");
});
element.addEventListener("focusout", () => stop("focus"));

// A still that cannot be read leaves its place empty. Such events do not bubble.
element.addEventListener("error", (event) => {
  if (event.target.tagName === "IMG") event.target.hidden = true;
}, true);

watch("value", () => {
  playing = null;
  const pages = element.querySelector(".take-pages");
  if (!pages || pages.dataset.start === "0") starts.length = 0;
  const gone = (element.querySelector("[data-gone]")?.dataset.gone || "").split(" ");
  const left = picked.filter((one) => !gone.includes(one));
  if (left.length < picked.length) pick(left);
  else mark();
});
