// Plays frames: each carries its own sound, and its number says when both belong. The sound is scheduled on the clock
// of the loudspeakers, a little ahead; the picture is drawn when that clock reaches its frame.
const LEAST_MARGIN = 0.012, MOST_MARGIN = 0.06; // seconds between the arrival of a frame and its sound
const TOO_FAR = 0.4; // seconds ahead: frames that a gap in the network held back come at once
const LOOKS = 40; // frames over which the spare time is observed
const QUIET = 120; // of 32768: sound that may be left out unheard
const FASTER = 1.02; // how fast a voice is played that waits for longer than it needs
const MOST_WAITING = 100; // pictures; a window that is covered draws none
const UNNOTICED = 0.06; // seconds that a picture may be before its sound (EBU R 37)

function livePlayer(context, output, canvas, onDrawn) {
  const pen = canvas.getContext("2d", { alpha: false });
  const playing = new Set();
  const pictures = [];
  let anchor = null, margin = 0.02, end = 0, spoke = false, spare = [], rate = 16000, fps = 25;
  let asked = 0, drawn = -1, unseen = null, silenced = false;

  function silence() {
    for (const node of playing) node.stop();
    playing.clear();
    end = 0;
  }

  function drop(some) {
    for (const { bitmap } of some) if (bitmap) bitmap.close();
  }

  // When a frame belongs, by the context's clock. Moves all later frames if it comes late, or begins a voice.
  function timeOf(frame) {
    const now = context.currentTime;
    const at = anchor === null ? -1 : anchor + frame.index / fps;
    const late = at - now < 0.003, begins = frame.speaking && !spoke;
    if (!late && !begins && at - now < TOO_FAR) return at;
    if (late && frame.speaking && spoke) margin = Math.min(MOST_MARGIN, margin + 0.003);
    if (at - now >= TOO_FAR) { silence(); drop(pictures.splice(0)); }
    const next = Math.max(now + margin, frame.speaking ? end : 0);
    anchor = next - frame.index / fps;
    spare = [];
    return next;
  }

  // Seconds by which this frame can be shorter, because all of the last ones have waited longer than they need.
  function excess(frame, at) {
    spare.push(at - context.currentTime);
    if (spare.length <= LOOKS) return 0;
    spare.shift();
    margin = Math.max(LEAST_MARGIN, margin - 0.00004);
    const much = Math.min(...spare) - margin, length = frame.sound.length / rate;
    if (much < 0.004) return 0;
    const less = frame.sound.every((one) => Math.abs(one) < QUIET) ? Math.min(much, length / 2) : length - length / FASTER;
    spare = spare.map((one) => one - less);
    return less;
  }

  // less: seconds by which the sound is shorter, and so faster.
  function playSound(sound, at, less) {
    if (!sound.length) return;
    const buffer = context.createBuffer(1, sound.length, rate), heard = buffer.getChannelData(0);
    for (let place = 0; place < sound.length; place++) heard[place] = sound[place] / 32768;
    const node = context.createBufferSource();
    node.buffer = buffer;
    node.connect(output);
    const start = Math.abs(at - end) < 0.002 ? end : Math.max(at, end);
    node.onended = () => playing.delete(node);
    playing.add(node);
    node.playbackRate.value = buffer.duration / (buffer.duration - less);
    node.start(start);
    end = start + buffer.duration - less;
  }

  async function keepPicture(index, at, picture, captured) {
    if (document.hidden) { // nothing is drawn, so nothing may wait for it
      if (picture) unseen = { index, picture };
      return;
    }
    let bitmap = null;
    if (picture) {
      try { bitmap = await createImageBitmap(new Blob([picture], { type: "image/jpeg" })); } catch { return; }
    }
    pictures.splice(pictures.findLastIndex((one) => one.index < index) + 1, 0, { index, at, bitmap, captured });
    if (pictures.length > MOST_WAITING) drop(pictures.splice(0, 1));
    if (!asked) asked = requestAnimationFrame(draw);
  }

  function draw() {
    asked = 0;
    // Loudspeakers that play late, as over Bluetooth, make the picture wait; a little before the sound is unnoticed.
    const now = context.currentTime + Math.min(UNNOTICED / 2, UNNOTICED - (context.outputLatency || 0));
    let show = null, seen = null;
    while (pictures.length && pictures[0].at <= now) {
      const next = pictures.shift();
      if (next.index > drawn) seen = next;
      if (!next.bitmap) continue;
      if (show) show.close();
      show = next.bitmap;
    }
    if (show) {
      if (canvas.width !== show.width || canvas.height !== show.height) Object.assign(canvas, { width: show.width, height: show.height });
      pen.drawImage(show, 0, 0);
      show.close();
    }
    if (seen) { drawn = seen.index; onDrawn(seen); }
    if (pictures.length) asked = requestAnimationFrame(draw);
  }

  function look() {
    if (document.hidden || !unseen) return;
    const { index, picture } = unseen;
    unseen = null;
    keepPicture(index, 0, picture, null);
  }
  document.addEventListener("visibilitychange", look);

  return {
    // A connection is ready; its frames count from 0.
    begin(format) {
      [rate, fps, anchor, drawn, spoke, silenced] = [format.sample_rate, format.fps, null, -1, false, false];
      drop(pictures.splice(0));
      unseen = null;
    },
    setRate(next) { rate = next; },
    // captured: when the frame's sound came into the microphone, if that is known.
    frame(frame, captured) {
      const voiced = frame.speaking && !silenced, at = timeOf(frame);
      const less = voiced && spoke ? excess(frame, at) : 0;
      anchor -= less;
      if (voiced) playSound(frame.sound, at, less);
      spoke = frame.speaking;
      keepPicture(frame.index, at, frame.picture, voiced ? captured : null);
    },
    // From the click on: frames that are on their way still carry the old voice, until the server has answered.
    interrupt() { silenced = true; silence(); },
    interrupted() { silenced = false; },
    get margin() { return margin; },
    stop() {
      document.removeEventListener("visibilitychange", look);
      cancelAnimationFrame(asked);
      silence();
      drop(pictures.splice(0));
    },
  };
}
