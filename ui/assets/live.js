// When the finished video replaces its segments, it continues at their position.
// Segments are played from a blob: address. Media events do not bubble, but can be captured on the way down.
const column = element.closest(".result-column");
let watched = null;

const isLive = (video) => video.src.startsWith("blob:");

function note(event) {
  const video = event.target;
  if (video.tagName === "VIDEO" && isLive(video)) {
    watched = { at: video.currentTime, paused: video.paused, volume: video.volume, muted: video.muted };
  }
}

function goOn(event) {
  const video = event.target;
  if (video.tagName !== "VIDEO" || isLive(video) || !watched) return;
  const { at, paused, volume, muted } = watched;
  watched = null;
  video.volume = volume;
  video.muted = muted;
  if (at < video.duration - 0.3) video.currentTime = at;
  if (paused && at > 0) video.pause();
}

if (column) {
  for (const name of ["timeupdate", "pause", "play", "volumechange"]) column.addEventListener(name, note, true);
  column.addEventListener("loadedmetadata", goOn, true);
}

// A made example does not move by itself if the visitor's system asks for less motion.
const example = element.querySelector(".made-example video");
if (example && matchMedia("(prefers-reduced-motion: reduce)").matches) example.pause();
