// One live session of the page: the voice goes up, frames come down, and after a gap in the network it connects again.
// on.state(word), on.problem(word, html), on.delay(ms), on.level(0..1), on.event(message), on.ended(): what the screen shows.
// on.outcome(message, ends): what became of a recording, of the one that runs or another. on.ended(word, message, lingers)
// is called last; if it lingers, on.outcome may still follow.
// askTicket(source) asks the page's server for a ticket and says which engine it is for; the ticket opens the session,
// and "ready" brings the one that opens it again.
const GAP = 1000, LOST = 5000; // milliseconds without a frame: the screen says so; the session connects again
const KEEP_TRYING = 30000, BETWEEN_TRIES = 1500;
const OPENING = 60000, OPENING_AGAIN = 15000; // milliseconds until a connection has to be ready
const BETWEEN_OPTIONS = 80; // milliseconds; a slider that is dragged moves more often
const REFUSED = 1008, RESTARTS = [1001, 1012];

// shown: the canvas and the video, of which one is seen.
function liveSession(context, shown, source, askTicket, on) {
  const output = context.createGain(), meter = delayMeter();
  output.connect(context.destination);
  let player = null, voice = null, microphone = null, muted = false;
  let heard = 0, lostSince = 0, over = false, connecting = false, levelAt = 0;
  let changed = {}, unsent = {}, later = null, lastError = null; // options that were moved, by engine
  let engine = "";
  let format = null, stream = null, ticket = null, deadline = null, interruptions = 0; // unanswered ones
  let recording = null; // the id of the one that runs; "" as long as it is not known
  const transport = webrtcTransport({ event: hear, frame: show, closed, media: play });
  const watching = setInterval(watchFrames, 500);

  const connected = () => Boolean(heard) && !connecting && !lostSince && !over;
  function calm() {
    if (!connected()) return; // what the connection does matters more
    if (performance.now() - heard > GAP) on.state("slow");
    else on.state(muted ? "muted" : voice ? (voice.over ? "finished" : "speaking") : "live");
  }
  // By WebRTC, the old voice is heard until the server has answered.
  function hush() { shown.video.muted = interruptions > 0 && !over; }

  function piece(samples, at, rate) {
    if (performance.now() - levelAt > 100) {
      levelAt = performance.now();
      let most = 0;
      for (const sample of samples) most = Math.max(most, Math.abs(sample));
      on.level(muted ? 0 : most / 32768);
    }
    if (muted || !connected()) return;
    if (transport.sendSound(samples, rate)) meter.sent(samples, at, rate);
  }

  function show(frame) {
    heard = performance.now();
    player.frame(frame, microphone && frame.speaking ? meter.captured(frame.sound) : null);
    // Coded sound cannot be found again: what each part of the way takes is added up.
    if (stream && microphone && frame.delay !== null) {
      meter.shown(PIECE + 1 / format.fps + (format.look_ahead_ms + frame.delay) / 1000 + transport.buffered);
    }
    if (!voice) return;
    // By WebRTC, the frames come without their sound.
    if (frame.speaking && !interruptions) voice.heard(frame.sound.length || FILE_RATE / format.fps);
    voice.fill();
  }

  function hear(message) {
    if (message.type === "ready") {
      format = message;
      player = player || livePlayer(context, output, shown.canvas, drawn);
      player.begin(message);
      clearTimeout(deadline);
      [heard, lostSince, connecting, interruptions, ticket] = [performance.now(), 0, false, 0, message.ticket];
      recording = null; // it ended with its connection
      hush();
      sendOptions(changed); // those that were moved before, or whose message was lost
      if (voice) voice.resume();
      calm();
    }
    if (message.type === "recording") recording = message.id;
    if (message.type === "format") player.setRate(message.sample_rate);
    if (message.type === "finished" && voice && !interruptions) { voice.end(); calm(); }
    if (message.type === "interrupted") { interruptions = Math.max(0, interruptions - 1); player.interrupted(); hush(); }
    // Before it is ready, the server would wait for another portrait.
    if (message.type === "error" && (message.fatal || connecting)) lastError = message;
    else if (message.type === "error" && !isOutcome(message)) on.problem(null, message);
    if (lastError && !message.fatal) { transport.close(); closed(0); }
    if (!isOutcome(message)) on.event(message); else outcome(message);
  }
  const isOutcome = ({ type, id }) => type === "recorded" || (type === "error" && id !== undefined);
  // One of a connection that was lost says nothing of the recording that runs now.
  function outcome(message) {
    const ends = recording !== null && recording === message.id;
    if (ends) recording = null;
    on.outcome(message, ends);
  }

  function play(next) {
    stream = next;
    const change = () => { shown.video.hidden = !stream; shown.canvas.hidden = Boolean(stream); };
    shown.video.onloadeddata = change; // until then, the last picture of the canvas is seen
    shown.video.srcObject = next;
    if (next) shown.video.play().catch(() => {}); else change();
  }

  function drawn({ captured }) {
    const late = captured === null ? null : context.currentTime - captured;
    if (late !== null) meter.shown(late);
    shown.canvas.dispatchEvent(new CustomEvent("live-picture", { detail: late })); // for benchmarks
  }

  function watchFrames() {
    on.delay(meter.median);
    if (!connected()) return;
    if (performance.now() - heard > LOST) { transport.close(); closed(0); } else calm();
  }

  function closed(code, reason) {
    if (over) return;
    clearTimeout(deadline);
    const fatal = lastError;
    lastError = null;
    if (fatal && !(lostSince && fatal.code === "no_place")) return stop(null, fatal);
    if (code === REFUSED) return stop(null, { message: reason });
    if (RESTARTS.includes(code)) return stop("stopping");
    if (code === 1000) return stop();
    connecting = false;
    lostSince = lostSince || performance.now();
    if (performance.now() - lostSince > KEEP_TRYING || !heard) return stop("lost");
    on.state("reconnecting");
    setTimeout(() => { if (!over && !connecting) connect(ticket); }, BETWEEN_TRIES);
  }

  function connect(opens) {
    connecting = true;
    deadline = setTimeout(() => {
      if (!lostSince) return stop("no-answer");
      transport.close();
      closed(0);
    }, lostSince ? OPENING_AGAIN : OPENING);
    transport.connect(opens);
  }

  // Of the options that were moved, those of the session's engine: another one may have some of the same name.
  function sendOptions(moved) {
    const values = Object.fromEntries(Object.entries(moved[engine] || {}).filter(([name]) => name in format.ranges));
    if (Object.keys(values).length) transport.send({ type: "options", values });
  }

  function stop(word = null, message = null) {
    if (over) return;
    over = true;
    clearInterval(watching);
    clearTimeout(later);
    clearTimeout(deadline);
    const lingers = recording !== null && transport.linger((message) => { if (isOutcome(message)) outcome(message); });
    if (!lingers) transport.close();
    play(null);
    hush();
    if (microphone) microphone.stop();
    if (player) player.stop();
    context.close();
    on.ended(word, message, lingers);
  }

  async function start() {
    on.state("checking");
    try {
      let given = await askTicket(source);
      engine = given.engine;
      const asked = performance.now();
      if (over) return; // a visitor who has stopped is not asked for the microphone
      if (source === "microphone") {
        on.state("asking");
        microphone = await openMicrophone(context, piece, () => stop("unplugged"));
      } else {
        on.state("reading");
        voice = fileVoice(await readVoice(given.voice), transport.sendSound.bind(transport), () => transport.send({ type: "flush" }));
      }
      if (over) { if (microphone) microphone.stop(); return; }
      // A visitor may think for long before they allow the microphone; the ticket does not last.
      if (performance.now() - asked > 30000) given = await askTicket(source);
      engine = given.engine;
      if (over) return;
      on.state("connecting");
      connect(given.ticket);
    } catch (word) {
      stop(typeof word === "string" ? word : "lost");
    }
  }

  return {
    start, stop,
    interrupt() {
      if (!connected()) return;
      player.interrupt();
      if (voice) voice.end();
      interruptions++;
      hush();
      transport.send({ type: "interrupt" });
      calm();
    },
    again() { if (voice && connected()) { voice.again(); voice.fill(); calm(); } },
    mute(quiet) { muted = quiet; if (quiet && connected()) transport.send({ type: "flush" }); calm(); },
    record(start) {
      if (!connected()) return;
      if (start) recording = "";
      transport.send({ type: start ? "record" : "stop_recording" });
    },
    setVolume(share) {
      output.gain.setTargetAtTime(share, context.currentTime, 0.01);
      shown.video.volume = share;
    },
    setOptions(of, values) {
      changed[of] = { ...changed[of], ...values };
      unsent[of] = { ...unsent[of], ...values };
      later = later || setTimeout(() => {
        if (connected()) sendOptions(unsent);
        [unsent, later] = [{}, null];
      }, BETWEEN_OPTIONS);
    },
  };
}
