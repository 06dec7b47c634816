// The track of marks: shows the field of the open tab below the waveform, and writes every change into it. Uses
// tracksOf, textOf, valueAt and cut of mark_keys.js; mark_hand.js changes marks.
const panel = element.querySelector(".mark-panel"), rows = element.querySelector(".mark-rows");
const editor = element.querySelector(".mark-editor"), { what, second, value, ease } = editor.elements;
const column = element.closest(".inputs-column"), VOICE = ".voice", BEGINS = 0.4, MOST_STEPS = 50, ECHO = 1000;
const texts = Object.fromEntries(Object.keys(THINGS).map((engine) => [engine, ""]));
const before = Object.fromEntries(Object.keys(THINGS).map((engine) => [engine, []])), sent = [];
let engine = FIRST, tracks = [], chosen = null, seconds = 0, held = null, trimming = null, trims = [];
let pressed = false, stale = false;

// ---- the voice
const host = () => column.querySelector(`${VOICE} #waveform > div`);
const sound = () => host()?.shadowRoot?.querySelector("audio") || null;
const region = () => host()?.shadowRoot?.querySelector('[part~="region"]');

function measure() {
  const audio = sound();
  const known = audio && Number.isFinite(audio.duration) ? audio.duration : 0;
  if (audio && !known) audio.addEventListener("loadedmetadata", measure, { once: true });
  const was = seconds;
  seconds = known;
  if (was !== seconds) render();
}

// ---- one truth: the text of the field
function take(text) {
  texts[engine] = text;
  tracks = tracksOf(text, THINGS[engine]);
  if (chosen && !(tracks || []).find((one) => one.name === chosen.name)?.keys[chosen.key]) close();
  render();
}

function commit(made, undoable = true) {
  const text = textOf(made);
  if (text === texts[engine]) return render();
  if (undoable) before[engine].push(texts[engine]);
  before[engine].splice(0, before[engine].length - MOST_STEPS);
  write(text);
}

function write(text) {
  sent.push({ text, at: performance.now() });
  sent.splice(0, sent.length - MOST_STEPS);
  take(text);
  trigger("input");
  window.dispatchEvent(new CustomEvent("marksmoved", { detail: engine }));
}

window.addEventListener("marksasked", ({ detail }) => { detail.texts = { ...texts }; });
window.addEventListener("markschange", ({ detail }) => {
  const text = detail.text || "";
  // The field repeats what was written into it; a text before the last one would undo what came since.
  const now = performance.now(), own = sent.findLast((one) => one.text === text && now - one.at < ECHO);
  if (detail.engine === engine && own) return;
  if (!(detail.engine in texts) || text === texts[detail.engine]) return;
  texts[detail.engine] = text;
  before[detail.engine] = [];
  if (detail.engine === engine) take(text);
});
window.addEventListener("tabchange", ({ detail }) => {
  engine = detail;
  sent.length = 0;
  close();
  take(texts[engine] || "");
});

// ---- the trim
const shifted = (start, length) => {
  for (const one of Object.keys(texts)) {
    const found = tracksOf(texts[one], THINGS[one]);
    if (!found || !found.length) continue;
    texts[one] = textOf(found.map((track) => cut(track, start, length)));
    before[one] = [];
  }
};
document.addEventListener("click", ({ target }) => {
  const button = target.closest && target.closest(`${VOICE} [data-testid=waveform-controls] button`);
  if (!button || !column.contains(button)) return;
  const found = region();
  if (button.matches(".text-button") && button === button.parentElement.querySelector(".text-button") && found) {
    const [left, right] = [found.style.left, found.style.right].map((share) => parseFloat(share) / 100);
    trimming = { start: left * seconds, length: (1 - left - right) * seconds };
  } else if (button.ariaLabel === "Reset audio" && trims.length) {
    trimming = { start: -trims.reduce((sum, one) => sum + one.start, 0), length: Infinity, whole: true };
  }
}, true);
window.addEventListener("voicechange", () => {
  const done = trimming;
  trimming = null;
  if (!done) trims = [];
  else if (done.whole && JSON.stringify(texts) === trims.at(-1).after) Object.assign(texts, JSON.parse(trims[0].before));
  else {
    const first = JSON.stringify(texts);
    shifted(done.start, done.length);
    if (!done.whole) trims.push({ start: done.start, before: first, after: JSON.stringify(texts) });
  }
  if (done?.whole) trims = [];
  if (done) {
    close();
    if (engine in texts) write(texts[engine]);
  }
  setTimeout(measure);
});

// ---- what is shown
const titleOf = (name) => [...what.options].find((one) => one.value === name);
function named(name) {
  const title = titleOf(name), made = document.createElement("span");
  made.textContent = title.dataset.en ?? title.textContent;
  if (title.dataset.zh) made.dataset.zh = title.dataset.zh;
  return made;
}
const shownValue = (number) => String(rounded(number, 100));
const share = (name, number) => {
  const [least, most] = THINGS[engine][name];
  return (number - least) / (most - least);
};

function lineOf(track) {
  const line = document.createElement("div");
  line.className = "mark-line";
  if (!track) return line;
  line.dataset.name = track.name;
  const drawing = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  drawing.setAttribute("viewBox", "0 0 100 100");
  drawing.setAttribute("preserveAspectRatio", "none");
  drawing.setAttribute("aria-hidden", "true");
  const course = document.createElementNS("http://www.w3.org/2000/svg", "polyline");
  const points = [...Array(101).keys()].map((at) => `${at},${100 - 100 * share(track.name, valueAt(track, at / 100 * seconds))}`);
  course.setAttribute("points", points.join(" "));
  drawing.append(course);
  line.append(drawing);
  track.keys.forEach(([time, number], key) => {
    const mark = document.createElement("button");
    mark.type = "button";
    mark.className = "mark";
    Object.assign(mark.dataset, { name: track.name, key });
    mark.setAttribute("aria-pressed", String(chosen?.name === track.name && chosen.key === key));
    mark.setAttribute("aria-label", `${titleOf(track.name).textContent}, ${rounded(time, 100).toFixed(2)} s: ${shownValue(number)}`);
    mark.style.left = `${100 * Math.min(time / seconds, 1)}%`;
    mark.style.top = `${100 - 100 * Math.min(Math.max(share(track.name, number), 0), 1)}%`;
    mark.classList.toggle("beyond", time > seconds);
    line.append(mark);
  });
  return line;
}

function render() {
  // A line that is replaced between press and release gets no click.
  stale = pressed;
  if (stale) return;
  const things = THINGS[engine];
  panel.hidden = !things || !seconds;
  if (panel.hidden) return;
  const wave = host()?.getBoundingClientRect(), own = element.getBoundingClientRect();
  if (wave?.width) {
    element.style.setProperty("--from", `${Math.max(wave.left - own.left, 8)}px`);
    element.style.setProperty("--span", `${wave.width}px`);
  }
  const focused = document.activeElement?.closest?.(".mark") && element.contains(document.activeElement) ? { ...chosen } : null;
  const drawn = (tracks || []).map((track) => {
    const row = document.createElement("div");
    row.className = "mark-row";
    row.append(named(track.name), lineOf(track));
    return row;
  });
  if (tracks) drawn.push(lineOf(null));
  rows.replaceChildren(...drawn);
  element.querySelector(".mark-empty").hidden = !tracks || tracks.length > 0 || !editor.hidden;
  element.querySelector(".mark-other").hidden = tracks !== null;
  element.querySelector("[data-do=new]").disabled = tracks === null;
  element.querySelector("[data-do=undo]").disabled = !before[engine].length;
  fillEditor();
  if (focused) rows.querySelector('.mark[aria-pressed="true"]')?.focus({ preventScroll: true });
}
