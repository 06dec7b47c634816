// Marks by hand: the editor, the pointer and the keys. Uses mark_keys.js and mark_track.js.
// ---- the editor
function limits(name) {
  const [least, most, step] = THINGS[engine][name];
  Object.assign(value, { min: least, max: most, step: "any" });
  value.title = `${least} – ${most}`;
  return step;
}
function fillEditor() {
  for (const one of what.options) one.hidden = one.disabled = !THINGS[engine][one.value];
  what.disabled = chosen !== null;
  editor.querySelector("[type=submit]").hidden = chosen !== null;
  editor.querySelector("[data-do=delete]").hidden = chosen === null;
  if (editor.hidden || chosen === null) return;
  const track = tracks.find((one) => one.name === chosen.name);
  limits(track.name);
  what.value = track.name;
  const [time, number] = track.keys[chosen.key];
  if (document.activeElement !== second) second.value = rounded(time, 100);
  if (document.activeElement !== value) value.value = shownValue(number);
  ease.value = track.ease;
}
function choose(name, key) {
  chosen = { name, key };
  editor.hidden = false;
  render();
}
function begin(time) {
  chosen = null;
  editor.hidden = false;
  second.value = rounded(time, 100);
  if (!THINGS[engine][what.value]) what.value = Object.keys(THINGS[engine])[0];
  offer();
  render();
  what.focus({ preventScroll: true });
}
function offer() {
  const [least, most, , usual] = THINGS[engine][what.value];
  limits(what.value);
  const track = tracks.find((one) => one.name === what.value);
  ease.value = track ? track.ease : "smooth";
  value.value = shownValue(most === 1 && least === 0 ? 0.8 : usual === most ? least : usual + (most - usual) / 2);
}
function close() {
  chosen = null;
  editor.hidden = true;
}

// The first mark of a row gets one before it, where the change begins: else its value would count from the start.
function add(name, time, number, how) {
  const made = structuredClone(tracks), known = made.find((one) => one.name === name);
  const track = known || { name, ease: how, keys: [] };
  if (!known) {
    made.push(track);
    if (time > 0) track.keys.push([Math.max(time - BEGINS, 0), THINGS[engine][name][3]]);
  }
  track.ease = how;
  track.keys.push([time, number]);
  track.keys.sort((a, b) => a[0] - b[0]);
  chosen = { name, key: track.keys.findIndex((key) => key[0] === time && key[1] === number) };
  editor.hidden = false;
  commit(made);
}
function change(edit, undoable = true) {
  const made = structuredClone(tracks), track = made.find((one) => one.name === chosen.name), key = track.keys[chosen.key];
  edit(key, track);
  const [least, most] = THINGS[engine][track.name];
  key[0] = Math.min(Math.max(key[0], 0), seconds);
  key[1] = Math.min(Math.max(key[1], least), most);
  track.keys.sort((a, b) => a[0] - b[0]);
  chosen.key = track.keys.indexOf(key);
  commit(made, undoable);
}
function remove() {
  const made = structuredClone(tracks), track = made.find((one) => one.name === chosen.name);
  track.keys.splice(chosen.key, 1);
  const at = Math.min(chosen.key, track.keys.length - 1), name = chosen.name;
  close();
  commit(made);
  (rows.querySelector(`.mark[data-name="${name}"][data-key="${at}"]`) || element.querySelector("[data-do=new]")).focus({ preventScroll: true });
}
function undo() {
  if (!before[engine].length) return;
  close();
  write(before[engine].pop());
}

editor.addEventListener("submit", (event) => {
  event.preventDefault();
  if (chosen === null) add(what.value, Math.min(Number(second.value), seconds), Number(value.value), ease.value);
});
editor.addEventListener("change", (event) => {
  event.stopPropagation();
  if (chosen === null) { if (event.target === what) offer(); return; }
  if (!event.target.value || !Number.isFinite(Number(event.target.value)) && event.target !== ease) return render();
  change((key, track) => {
    if (event.target === second) key[0] = Number(second.value);
    if (event.target === value) key[1] = Number(value.value);
    if (event.target === ease) track.ease = ease.value;
  });
});

// ---- pointer and keys
const timeAt = (line, event) => {
  const frame = line.getBoundingClientRect();
  return rounded(Math.min(Math.max((event.clientX - frame.left) / frame.width, 0), 1) * seconds, 20);  // a twentieth of a second is what a pointer can hit
};
element.addEventListener("click", (event) => {
  const button = event.target.closest("[data-do]"), mark = event.target.closest(".mark"), line = event.target.closest(".mark-line");
  if (button) {
    const act = { undo, delete: remove, new: () => begin(sound()?.currentTime || 0), close: () => { close(); render(); } }[button.dataset.do];
    if (act) act();
    else trigger("upload", { engine, text: texts[engine] });
  } else if (mark) choose(mark.dataset.name, Number(mark.dataset.key));
  else if (line?.dataset.name) {
    const track = tracks.find((one) => one.name === line.dataset.name), time = timeAt(line, event);
    add(track.name, time, rounded(valueAt(track, time), 100), track.ease);
  } else if (line) begin(timeAt(line, event));
});
element.addEventListener("pointerdown", (event) => {
  pressed = rows.contains(event.target);
  const mark = event.target.closest(".mark");
  if (!mark || event.button) return;
  held = { name: mark.dataset.name, key: Number(mark.dataset.key), x: event.clientX, line: mark.parentElement, moves: false, from: texts[engine] };
});
window.addEventListener("pointermove", (event) => {
  if (!held || (!held.moves && Math.abs(event.clientX - held.x) < 4)) return;
  held.moves = true;
  const mark = held.line.querySelector(`.mark[data-key="${held.key}"]`);
  mark.style.left = `${100 * timeAt(held.line, event) / seconds}%`;
});
for (const end of ["pointerup", "pointercancel"]) {
  window.addEventListener(end, () => {
    pressed = false;
    setTimeout(() => { if (stale) render(); });  // after the click
  }, true);
  window.addEventListener(end, (event) => {
    const done = held;
    held = null;
    if (!done?.moves || done.from !== texts[engine]) return;
    if (end === "pointercancel") return render();
    const time = timeAt(done.line, event);
    choose(done.name, done.key);
    change((key) => { key[0] = time; });
    rows.addEventListener("click", (click) => click.stopPropagation(), { capture: true, once: true });
    setTimeout(() => rows.dispatchEvent(new Event("click")));  // takes the listener away if no click followed
  });
}
const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
element.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key === "z" && !event.target.matches("input")) { event.preventDefault(); return undo(); }
  if (event.key === "Escape" && !editor.hidden) { close(); return render(); }
  const mark = event.target.closest(".mark");
  if (!mark) return;
  const step = STEPS[event.key], times = event.shiftKey ? 10 : 1;
  if (!step && event.key !== "Delete" && event.key !== "Backspace") return;
  event.preventDefault();
  chosen = { name: mark.dataset.name, key: Number(mark.dataset.key) };
  if (!step) return remove();
  editor.hidden = false;
  change((key) => { key[0] += 0.1 * times * step[0]; key[1] += limits(chosen.name) * times * step[1]; });
});
element.addEventListener("change", async (event) => {
  const [file] = event.target.matches(".mark-file input") && event.target.files || [];
  if (!file) return;
  let content = null;
  try { if (file.size <= LARGEST) content = await contentOf(file); } catch { /* a folder, or a file that has gone */ }
  trigger("upload", { engine, name: file.name, content });
  event.target.value = "";
});

new MutationObserver(measure).observe(column.querySelector(VOICE), { childList: true, subtree: true });
new ResizeObserver(render).observe(column);
new MutationObserver(render).observe(document.documentElement, { attributeFilter: ["lang"] });
measure();
