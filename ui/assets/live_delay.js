// How late the portrait is, measured: the server sends the microphone's sound back sample for sample, so that a few
// samples of a frame say when they came in.
const PATTERN = 32; // samples
const REMEMBERED = 3; // seconds of sound
const OBSERVED = 3000; // milliseconds over which the median is taken
const SEARCH = 500; // milliseconds between two searches through all that is remembered

function delayMeter() {
  let ring = new Int16Array(0), count = 0, rate = 0, at = 0, expected = -1, searched = 0, seen = [];

  function isHere(pattern, start) {
    for (let place = 0; place < PATTERN; place++) {
      if (ring[(start + place) % ring.length] !== pattern[place]) return false;
    }
    return true;
  }
  // Where a pattern was sent; frames follow each other, so that the next one is mostly where it is expected.
  function find(pattern) {
    const oldest = Math.max(0, count - ring.length), newest = count - PATTERN;
    if (expected >= oldest && expected <= newest && isHere(pattern, expected)) return expected;
    if (performance.now() - searched < SEARCH) return -1;
    searched = performance.now();
    let start = newest;
    while (start >= oldest && !isHere(pattern, start)) start--;
    return start >= oldest ? start : -1;
  }
  const lately = () => seen.filter(([when]) => performance.now() - when < OBSERVED);

  return {
    // Samples that were sent; now: when the last of them came in, by the context's clock.
    sent(samples, now, sampleRate) {
      if (sampleRate !== rate) { rate = sampleRate; ring = new Int16Array(REMEMBERED * rate); count = 0; }
      for (const sample of samples) ring[count++ % ring.length] = sample;
      at = now;
    },
    // When the first sample of a frame came in; null if it is not found, as in silence.
    captured(sound) {
      if (!rate || sound.length < PATTERN || count < PATTERN) return null;
      const pattern = sound.subarray(0, PATTERN);
      const start = new Set(pattern).size < PATTERN / 4 ? -1 : find(pattern);
      expected = (start < 0 ? expected : start) + sound.length;
      return start < 0 ? null : at - (count - start) / rate;
    },
    shown(seconds) { seen = [...lately(), [performance.now(), 1000 * seconds]]; },
    // Milliseconds; null if nothing was measured lately.
    get median() {
      const late = lately().map(([, one]) => one).sort((a, b) => a - b);
      return late.length ? late[Math.floor(late.length / 2)] : null;
    },
  };
}
