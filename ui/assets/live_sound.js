// Where the voice of a live session comes from: the microphone, or a file that the browser decodes.
const PIECE = 0.01; // seconds
const FILE_RATE = 24000;
const MOST_RATE = 48000; // of a live session
const AHEAD = 1.5; // seconds of a file that are sent before they are spoken

// The clock of the loudspeakers and the microphone; it begins with a visitor's click, or a browser holds it back.
function openSound() {
  let context = new AudioContext({ latencyHint: "interactive" });
  if (context.sampleRate > MOST_RATE) {
    context.close();
    context = new AudioContext({ latencyHint: "interactive", sampleRate: MOST_RATE });
  }
  context.resume();
  // A telephone call or a change of the loudspeakers can stop it.
  context.onstatechange = () => { if (["suspended", "interrupted"].includes(context.state)) context.resume(); };
  return context;
}

// What getUserMedia refuses with, as words of the page.
const REFUSALS = { NotAllowedError: "denied", SecurityError: "denied", NotFoundError: "no-microphone", OverconstrainedError: "no-microphone",
  NotReadableError: "microphone-busy", AbortError: "microphone-busy" };

// Hands the microphone's pieces to onPiece(samples, at, rate). Throws the name of a word of the page.
async function openMicrophone(context, onPiece, onEnded) {
  if (!navigator.mediaDevices) throw "insecure";
  let stream;
  try {
    // The page plays the voice again, a little later: without the cancelling, loudspeakers would feed it back.
    stream = await navigator.mediaDevices.getUserMedia({
      audio: { echoCancellation: true, noiseSuppression: true, autoGainControl: true, channelCount: 1 },
    });
  } catch (error) {
    throw REFUSALS[error.name] || "no-microphone";
  }
  const [track] = stream.getAudioTracks();
  let input, worklet;
  try {
    await context.audioWorklet.addModule(new URL("joystudio/scripts/live_microphone.js", document.baseURI));
    input = context.createMediaStreamSource(stream);
    worklet = new AudioWorkletNode(context, "live-microphone", {
      channelCount: 1, channelCountMode: "explicit", processorOptions: { size: Math.round(PIECE * context.sampleRate) },
    });
  } catch {
    track.stop();
    throw "microphone-busy";
  }
  track.onended = onEnded;
  worklet.port.onmessage = ({ data }) => onPiece(data.piece, data.at, context.sampleRate);
  // Only what leads to the loudspeakers runs; the worklet itself is silent.
  input.connect(worklet).connect(context.destination);
  return {
    stop() {
      track.onended = worklet.port.onmessage = null;
      track.stop();
      input.disconnect();
      worklet.disconnect();
    },
  };
}

// A file's samples, mono, at FILE_RATE. Throws the name of a word of the page.
async function readVoice(address) {
  try {
    const answer = await fetch(address);
    if (!answer.ok) throw new Error(answer.statusText);
    const decoder = new OfflineAudioContext(1, 1, FILE_RATE);
    const heard = await decoder.decodeAudioData(await answer.arrayBuffer());
    const channels = [...Array(heard.numberOfChannels).keys()].map((number) => heard.getChannelData(number));
    const samples = new Int16Array(heard.length);
    for (let place = 0; place < samples.length; place++) {
      let sum = 0;
      for (const channel of channels) sum += channel[place];
      samples[place] = Math.max(-1, Math.min(1, sum / channels.length)) * 32767;
    }
    return samples;
  } catch {
    throw "unreadable-voice";
  }
}

// Speaks a file: `fill`, called with every frame that comes back, sends what is due. Timers of hidden tabs are too slow.
function fileVoice(samples, send, flush) {
  const size = Math.round(PIECE * FILE_RATE);
  let sent, heard, over, began;
  function begin(at) {
    sent = heard = at;
    over = at >= samples.length;
    began = performance.now() - (1000 * at) / FILE_RATE;
  }
  begin(0);
  return {
    // Whether all of it was heard, or it was interrupted.
    get over() { return over; },
    fill() {
      const due = ((performance.now() - began) / 1000 + AHEAD) * FILE_RATE;
      while (!over && sent < samples.length && sent < due) {
        if (!send(samples.slice(sent, sent + size), FILE_RATE)) return;
        sent += size;
        if (sent >= samples.length) flush();
      }
    },
    // So many samples came back.
    heard(count) { heard += count; },
    again() { begin(0); },
    // Another connection knows nothing of what was sent ahead.
    resume() { if (!over) begin(Math.round(heard)); },
    end() { over = true; },
  };
}
