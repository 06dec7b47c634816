#!/usr/bin/env bash
# A list of mouth shapes in which two are shown at once, and at times none.
#
# One would expect: Rhubarb Lip Sync's cues follow each other, each from where the one before it ends, in hundredths of a
# second, from 0 to the end of the sound. Its three file formats depend on that: the one as text has no ends at all.
# What happens: `Rhubarb.getLipSync` of the port to WebAssembly gives a fifth of the cues here a start before the end of the
# cue before them, often with the same end, and leaves gaps of 50 to 80 ms between others. In a recorded voice, a seventh
# overlapped: where B lasted from 1.01 to 1.15 s, a closed A came from 1.11 to 1.15 s.
# Why it matters: a player that looks for the cue of a moment finds the B, and the lips never close. One that goes through
# the list in order shows the A too late or too long, and in a gap it shows what it last had, or nothing. Sort the cues by
# their start, and let each end where the next one begins.
# Seen with rhubarb-lip-sync-wasm 0.1.8, Node 20.20.2, 2026-11-30.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund rhubarb-lip-sync-wasm@0.1.8 > install.log
cat > cues.mjs <<'JAVASCRIPT'
import { writeFileSync } from "node:fs";
import { Rhubarb } from "rhubarb-lip-sync-wasm";

// Syllables: a buzz through the two lowest resonances of five vowels, with silence or a hiss between them.
const RATE = 16000;
const VOWELS = [[730, 1090], [270, 2290], [300, 870], [530, 1840], [570, 840]];
let seed = 1;
const random = () => (seed = (seed * 1103515245 + 12345) % 2 ** 31) / 2 ** 31;
const samples = [];
for (let syllable = 0; syllable < 24; syllable++) {
  const length = Math.round(RATE * (0.12 + 0.08 * random()));
  const period = Math.round(RATE / (110 + 10 * (syllable % 3)));
  const held = [[0, 0], [0, 0]];
  for (let i = 0; i < length; i++) {
    let sound = i % period ? 0 : 1;
    VOWELS[syllable % 5].forEach((hertz, k) => {
      const radius = Math.exp((-Math.PI * 90) / RATE);
      const next = sound + 2 * radius * Math.cos((2 * Math.PI * hertz) / RATE) * held[k][0] - radius ** 2 * held[k][1];
      held[k] = [next, held[k][0]];
      sound = 0.1 * next;
    });
    samples.push(sound * Math.sin((Math.PI * i) / length));
  }
  for (let i = 0; i < 0.06 * RATE; i++) samples.push(syllable % 2 ? 0.02 * (random() - 0.5) : 0);
}
const peak = Math.max(...samples.map(Math.abs));
const pcm = Buffer.from(Int16Array.from(samples, (one) => Math.round((20000 * one) / peak)).buffer);

const { mouthCues } = await Rhubarb.getLipSync(pcm);
const pairs = mouthCues.slice(1).map((cue, i) => [mouthCues[i], cue]);
const lines = [`${mouthCues.length} cues in ${(pcm.length / 2 / RATE).toFixed(2)} s`];
const show = (cue) => `${cue.value} ${cue.start} to ${cue.end}`;
const overlaps = pairs.filter(([before, after]) => after.start < before.end - 1e-9);
const gaps = pairs.filter(([before, after]) => after.start > before.end + 1e-9);
for (const [what, found] of [["overlap", overlaps], ["gap", gaps]]) {
  for (const [before, after] of found.slice(0, 3)) lines.push(`${what}: ${show(before)}, then ${show(after)}`);
  lines.push(`${found.length} of ${pairs.length} neighbours with an ${what}`.replace("an gap", "a gap"));
}
const same = overlaps.length > 3 && gaps.length > 3;
lines.push(same ? "as described" : "CHANGED: see the comment at the top");
writeFileSync("result.txt", lines.join("\n") + "\n");
process.exit(same ? 0 : 1);
JAVASCRIPT
result=0
node cues.mjs > debug.log 2>&1 || result=$?
cat result.txt
exit "$result"
