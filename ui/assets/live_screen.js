// The screen of the tab Live: its buttons, and what it says. The words are in the page, in both languages.
const part = (name) => element.querySelector(`[data-live="${name}"]`);
const buttons = { start: part("start"), mute: part("mute"), interrupt: part("interrupt"), again: part("again"), record: part("record"), full: part("full") };
const CONNECTED = ["live", "speaking", "finished", "muted", "slow"]; // the states in which the server listens
const waiting = new Map(); // questions to the server, by their number
const RESTING = ["", "idle", "ready", "unspoken", "unvoiced"]; // before a session
let session = null, said = "", asked = 0, inputs = null, muted = false, recording = "", counting;

function words(name) {
  return element.querySelector(`[data-word="${CSS.escape(name)}"]`)?.innerHTML || "";
}
function say(name) {
  if (said === name) return; // a screen reader would read it again
  said = name;
  part("status").innerHTML = words(name);
  element.querySelector(".live").dataset.state = name;
}
// A sentence of the server; language.js shows one of its languages.
function bilingual({ message, message_zh }) {
  const sentence = document.createElement("bdi");
  sentence.textContent = message;
  if (message_zh) {
    const other = document.createElement("i");
    other.textContent = message_zh;
    sentence.dataset.zh = other.innerHTML;
  }
  return sentence;
}
// What stands below the picture: sentences of the page, by their names, those of the server, and what became of a recording.
let told = { names: [], messages: [], good: false }, outcome = null;
function complain(names, messages, good = false) {
  told = { names: [names || []].flat(), messages: [messages || []].flat(), good };
  outcome = null;
  showTold();
}
function tellOutcome(message) {
  outcome = message;
  if (session && !told.names.includes("recording-cut")) told = { names: [], messages: [], good: false };
  told.names = told.names.filter((name) => name !== "finishing");
  showTold();
}
function showTold() {
  const place = part("problem"), { names, messages, good } = told, kept = outcome?.type === "recorded";
  place.classList.toggle("good", (good || !(names.length + messages.length)) && (!outcome || kept));
  place.innerHTML = [...names, ...(kept ? ["recorded"] : [])].map(words).join(" ");
  if (kept) {
    const link = document.createElement("a"); // an address is not to become HTML
    link.href = outcome.address;
    link.download = ""; // it would open in the place of the page
    link.innerHTML = words("download");
    place.append(" ", link);
  }
  const said = outcome ? [...messages, ...(kept ? outcome.notes : [outcome])] : messages;
  place.append(...said.flatMap((one) => [" ", bilingual(one)]));
  place.hidden = !place.textContent;
}

// Without a session: what is missing, and what Start would be refused for.
function rest() {
  if (session) return;
  if (RESTING.includes(said)) say(inputs.word(source()));
  const insecure = source() === "microphone" && !navigator.mediaDevices;
  if (insecure && part("problem").hidden) complain("insecure");
}
// Picture and status line on the screen: on a phone, Start stays at the bottom while they may be far away.
function showStage() {
  const stage = element.querySelector(".live-stage"), bar = element.querySelector(".live-actions");
  const floor = getComputedStyle(bar).position === "fixed" ? bar.getBoundingClientRect().top : innerHeight;
  if (stage.getBoundingClientRect().top >= 0 && part("status").getBoundingClientRect().bottom <= floor) return;
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  stage.scrollIntoView({ behavior: still ? "auto" : "smooth", block: "start" });
}

// The checks of the page's inputs, and the ticket, come from the page's server.
function askTicket(source) {
  const number = ++asked;
  return new Promise((done, refuse) => {
    const late = setTimeout(() => { waiting.delete(number); refuse("no-answer"); }, 15000);
    waiting.set(number, (given) => {
      clearTimeout(late);
      if (given) done(given); else refuse("refused");
    });
    trigger("click", { what: "start", source, number });
  });
}
document.addEventListener("live-ticket", ({ detail }) => {
  const given = detail ? JSON.parse(detail) : null;
  // A refusal has no number: it belongs to the question that was asked last.
  const number = given ? given.number : asked;
  waiting.get(number)?.(given);
  waiting.delete(number);
});

const source = () => document.querySelector("#live-source input:checked")?.value || "microphone";
// What a session keeps until it ends, by its words: a change counts from the next start on.
const radio = (name) => document.querySelector(`#live-${name} input:checked`)?.value || "";
const LATER = {
  "later-portrait": () => document.querySelector("#page-portrait img")?.src || "",
  "later-source": source,
  "later-engine": () => radio("engine"),
  "later-look-ahead": () => radio("look-ahead"),
};
const chosen = () => Object.entries(LATER).map(([name, look]) => [name, look()]);
function showLater() {
  const changed = session ? chosen().filter(([, value], number) => value !== session.began[number][1]) : [];
  const names = changed.map(([name]) => words(name)).join(", ");
  const line = names && `${words("later")} ${names}`;
  if (part("later").innerHTML !== line) part("later").innerHTML = line; // a screen reader would read it again
  part("later").hidden = !line;
}
const isRecording = () => recording === "on" || recording === "ending";
const pressed = (button, on) => button.setAttribute("aria-pressed", String(on));
const clock = (seconds) => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;
// next: "asked" until the server records, "on", "ending" until it has kept the video, and "". most: how many seconds it takes.
function showRecording(next, most = 0) {
  recording = next;
  if (!buttons.record) return; // this page keeps no recordings
  pressed(buttons.record, isRecording());
  buttons.record.innerHTML = words(isRecording() ? "stop-recording" : "record");
  part("recording").hidden = !isRecording();
  if (next !== "ending" || !counting) count(next === "on", most);
  showButtons();
}
// How long the recording is so far, of how many seconds.
function count(runs, most) {
  counting = clearInterval(counting);
  if (!runs) return;
  const began = performance.now();
  const show = () => {
    if (recording !== "on") return;
    const seconds = Math.min(most, (performance.now() - began) / 1000);
    part("recorded").textContent = `${clock(seconds)} / ${clock(most)}`;
  };
  counting = setInterval(show, 500);
  show();
}
// Of errors without the id of a recording.
function endsRecording({ type }) {
  return type === "error" && (!isRecording() || recording === "ending");
}

function showButtons() {
  const on = Boolean(session), connected = on && CONNECTED.includes(said);
  element.querySelector(".live").classList.toggle("on", on);
  element.querySelector(".live").dataset.source = on ? session.source : source();
  window.dispatchEvent(new CustomEvent("livesession", { detail: on })); // for the window's title
  buttons.start.innerHTML = words(on ? "stop" : "start");
  buttons.mute.classList.toggle("chosen", muted);
  buttons.mute.innerHTML = words(muted ? "unmute" : "mute");
  buttons.mute.hidden = on ? session.source !== "microphone" : source() !== "microphone";
  buttons.again.hidden = !(said === "finished");
  // A microphone that is open can be muted even while there is no connection.
  buttons.mute.disabled = !on || said === "checking" || said === "asking";
  for (const name of ["interrupt", "record"]) if (buttons[name]) buttons[name].disabled = !connected;
  if (recording === "asked" || recording === "ending") buttons.record.disabled = true;
  full.follow();
}

function start() {
  complain(null, null);
  const from = source();
  const shows = {
    state(name) {
      if (name === "reconnecting") kept.hadGap();
      say(name);
      showButtons();
    },
    problem: complain,
    delay(ms) { part("delay").textContent = ms === null || muted ? "–" : `${Math.round(ms)} ms`; },
    level(loud) { part("level").value = Math.sqrt(loud); },
    event(message) {
      if (message.type === "ready") element.querySelector(".live").classList.add("shown");
      if (message.type === "note") complain(null, message);
      if (message.type === "ready") {
        const cut = isRecording(); // a recording ends with its connection
        showRecording("");
        if (cut) complain("recording-cut"); else complain(null, message.notes);
      }
      if (message.type === "recording") { kept.hasRecording(); showRecording("on", message.seconds); complain(null, null); }
      if (endsRecording(message)) showRecording("");
    },
    // A recording may be finished after its session.
    outcome(message, ends) {
      if (ends && session?.live === mine) showRecording("");
      tellOutcome(message);
    },
    ended(word, message, lingers) {
      session = null;
      kept.end();
      const recorded = recording ? [lingers ? "finishing" : "recording-left"] : [], before = outcome;
      muted = false;
      showRecording("");
      showLater();
      say(word || message ? inputs.word(from) : "ended");
      // What is refused, the page's server says in a message of its own.
      const names = [...(word && word !== "refused" ? [word] : []), ...recorded];
      if (names.length || message) {
        complain(names, message, !word && !message);
        if (before) tellOutcome(before); // the server says it before the reason of the end
      }
      showButtons();
      part("level").value = 0;
      part("delay").textContent = "–";
      if (word === "refused") inputs.show(said);
    },
  };
  // A session that was stopped may still wait for an answer; the screen shows the one after it.
  const shown = Object.fromEntries(Object.entries(shows).map(([name, show]) => [
    name, (...what) => { if (session?.live === mine || name === "outcome") show(...what); },
  ]));
  const mine = liveSession(openSound(), { canvas: part("canvas"), video: part("video") }, from, askTicket, shown);
  session = { live: mine, source: from, began: chosen() };
  const kept = keepWindow();
  mine.setVolume(Number(part("volume").value));
  mine.start();
  showButtons();
  showStage();
}

const ACTIONS = {
  start() {
    if (session) session.live.stop(); else start();
  },
  mute() {
    muted = !muted;
    session.live.mute(muted);
    if (muted) part("delay").textContent = "–";
    showButtons();
  },
  interrupt() { session.live.interrupt(); },
  again() { session.live.again(); },
  record() {
    session.live.record(!isRecording());
    showRecording(isRecording() ? "ending" : "asked");
  },
  full() { full.turn(); },
};
const full = liveFull(element.querySelector(".live-stage"), buttons, (name) => ACTIONS[name]());
element.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-live]");
  if (button && !button.disabled) ACTIONS[button.dataset.live]();
});
part("volume").addEventListener("input", (event) => session?.live.setVolume(Number(event.target.value)));
document.addEventListener("live-option", ({ detail }) => session?.live.setOptions(detail.engine, detail.values));
document.addEventListener("change", ({ target }) => {
  if (target.closest?.("#page-consent, [data-live=consent]") && !target.checked) session?.live.stop("unconsented");
  showLater();
  if (!target.closest?.("#live-source") || session) return;
  complain(null, null);
  say("");
  rest();
  showButtons();
});
const column = document.querySelector(".inputs-column");
if (column) new MutationObserver(showLater).observe(column, { childList: true, subtree: true, attributeFilter: ["src"] });
buttons.full.hidden = !document.fullscreenEnabled;
inputs = liveInputs(part("consent"), rest);
rest();
showButtons();
const before = sessionBefore();
if (before) complain(before.recorded ? ["loaded-again", "recording-left"] : "loaded-again");
