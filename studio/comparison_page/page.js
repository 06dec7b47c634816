// Plays all videos from one button, on one time line; the first one is heard and leads.
const videos = [...document.querySelectorAll("video")], lead = videos[0];
const play = document.getElementById("play"), bar = document.getElementById("time");
const clock = document.getElementById("clock"), needles = [...document.querySelectorAll(".now")];
function show() {
  if (!lead || !lead.duration) return;
  const part = lead.currentTime / lead.duration;
  bar.value = part;
  clock.textContent = lead.currentTime.toFixed(1) + " s";
  for (const needle of needles) { needle.setAttribute("x1", 400 * part); needle.setAttribute("x2", 400 * part); }
  for (const video of videos) // a tenth of a second apart is out of step
    if (video !== lead && Math.abs(video.currentTime - lead.currentTime) > 0.1) video.currentTime = lead.currentTime;
}
function tick() { show(); if (lead && !lead.paused) requestAnimationFrame(tick); }
play.onclick = () => {
  if (!lead) return;
  if (!lead.paused) { videos.forEach(video => video.pause()); return; }
  if (lead.ended) videos.forEach(video => { video.currentTime = 0; });
  Promise.allSettled(videos.map(video => video.play())).then(tick);
};
if (lead) {
  lead.onplay = () => { play.textContent = "Pause"; };
  lead.onpause = () => { play.textContent = "Play all"; videos.forEach(video => video.pause()); show(); };
  bar.oninput = () => { videos.forEach(video => { video.currentTime = bar.value * lead.duration; }); show(); };
}
