// Marks as values: reads and writes the text of the field, and cuts a track where the voice is cut.
const OPPOSITE = { headYaw: "head_yaw", headPitch: "head_pitch" };
const DEFAULT_EASE = "linear";
const rounded = (value, steps) => Math.round(value * steps) / steps;

// The tracks of a text, in the order of what they move; null for a text that only the server can read.
function tracksOf(text, things) {
  if (!text.trim()) return [];
  let found;
  try { found = JSON.parse(text); } catch { return null; }
  found = Array.isArray(found) ? found : found && found.tracks;
  if (!Array.isArray(found)) return null;
  const tracks = [];
  for (const { name, keys, ease = DEFAULT_EASE, unit } of found) {
    const opposite = OPPOSITE[name], shown = opposite || name;
    const plain = Array.isArray(keys) && keys.length && keys.every((key) => Array.isArray(key) && key.every(Number.isFinite));
    if (!things[shown] || !plain || tracks.some((one) => one.name === shown)) return null;
    const scale = (opposite ? -1 : 1) * (unit === "rad" ? 180 / Math.PI : 1);
    tracks.push({ name: shown, ease, keys: keys.map(([time, value]) => [time, scale * value + 0]) });
  }
  const order = Object.keys(things);
  return tracks.sort((one, other) => order.indexOf(one.name) - order.indexOf(other.name));
}

function textOf(tracks) {
  const kept = tracks.filter((one) => one.keys.length);
  for (const one of kept) {
    one.keys = one.keys.map(([time, value]) => [rounded(time, 1000), rounded(value, 1000)]).sort((a, b) => a[0] - b[0]);
  }
  return kept.length ? JSON.stringify({ version: 1, tracks: kept }) : "";
}

// As the engine reads it: before the first key and after the last one, the value stays.
function valueAt({ keys, ease }, time) {
  const after = keys.findIndex((key) => key[0] > time);
  if (after === 0) return keys[0][1];
  const [begin, before] = keys[(after < 0 ? keys.length : after) - 1];
  if (after < 0 || ease === "step") return before;
  const share = (time - begin) / Math.max(keys[after][0] - begin, 1e-9);
  return before + (keys[after][1] - before) * (ease === "smooth" ? share * share * (3 - 2 * share) : share);
}

// The track of the part of a voice from `start` on that lasts `seconds`; a start below 0 puts silence before it.
function cut(track, start, seconds) {
  const inside = track.keys.map(([time, value]) => [time - start, value]).filter(([time]) => time >= 0 && time <= seconds);
  const beyond = (before) => track.keys.some(([time]) => before ? time < start : time - start > seconds);
  if (beyond(true)) inside.unshift([0, valueAt(track, start)]);
  if (beyond(false)) inside.push([seconds, valueAt(track, start + seconds)]);
  return { ...track, keys: inside };
}
