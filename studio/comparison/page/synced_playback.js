// Plays every video inside an element from one button and on one time line. The first video that is not muted is
// heard and leads; the others follow its clock: faster or slower for a moment, or with a jump if they are far off.
// Videos may be added and removed while it runs.
function playInStep(root) {
  const FAR = 0.15, NEAR = 0.012; // seconds
  const button = root.querySelector(".controls .play"), bar = root.querySelector(".controls .time");
  const clock = root.querySelector(".controls .clock");
  let wanted = false, running = false;

  const videos = () => [...root.querySelectorAll("video")].filter(video => video.duration > 0);
  const leader = (all) => all.find(video => !video.muted) || all[0];

  function show() {
    const all = videos(), lead = leader(all);
    button.disabled = bar.disabled = !lead;
    button.querySelector(".go").hidden = wanted;
    button.querySelector(".halt").hidden = !wanted;
    if (!lead) { bar.value = 0; clock.textContent = "0.0 s"; return; }
    const part = lead.currentTime / lead.duration;
    bar.value = part;
    bar.setAttribute("aria-valuetext", clock.textContent);
    clock.textContent = `${lead.currentTime.toFixed(1)} / ${lead.duration.toFixed(1)} s`;
    for (const needle of root.querySelectorAll(".curve .now")) {
      const width = needle.ownerSVGElement.viewBox.baseVal.width;
      needle.setAttribute("x1", width * part);
      needle.setAttribute("x2", width * part);
    }
  }

  function follow(lead, all) {
    // A video that waits for its frames holds up all, so that they stay together.
    const waits = all.some(video => video.readyState < 3 && !video.ended && !video.seeking);
    for (const video of all) {
      const end = Math.min(video.duration, lead.duration) - 0.001;
      const off = Math.min(lead.currentTime, end) - video.currentTime;
      if (video !== lead && !video.seeking) {
        if (Math.abs(off) > FAR) video.currentTime += off;
        else video.playbackRate = Math.abs(off) < NEAR ? 1 : Math.min(2, Math.max(0.5, 1 + off * 6));
      }
      if (waits && !video.paused && video.readyState >= 3) video.pause();
      if (!waits && video.paused && !video.ended) video.play().catch(() => {});
    }
  }

  function tick() {
    const all = videos(), lead = leader(all);
    if (!wanted || !lead) { stop(); return; }
    if (lead.ended) { stop(); return; }
    follow(lead, all);
    show();
    requestAnimationFrame(tick);
  }

  function stop() {
    wanted = running = false;
    const all = videos(), lead = leader(all);
    for (const video of all) {
      video.pause();
      video.playbackRate = 1;
      // While paused, all show the same frame.
      if (video !== lead && Math.abs(video.currentTime - lead.currentTime) > NEAR) video.currentTime = lead.currentTime;
    }
    show();
  }

  function seek(time) {
    for (const video of videos()) video.currentTime = Math.min(time, video.duration);
    show();
  }

  button.addEventListener("click", () => {
    if (wanted) { stop(); return; }
    const lead = leader(videos());
    if (!lead) return;
    wanted = true;
    seek(lead.ended || lead.currentTime > lead.duration - 0.05 ? 0 : lead.currentTime);
    if (!running) { running = true; requestAnimationFrame(tick); }
  });
  bar.addEventListener("input", () => {
    const lead = leader(videos());
    if (lead) seek(bar.value * lead.duration);
  });
  bar.addEventListener("keydown", (event) => { // a tenth of a second a step, a second with Page up and down
    const steps = { ArrowLeft: -0.1, ArrowRight: 0.1, ArrowDown: -0.1, ArrowUp: 0.1, PageDown: -1, PageUp: 1 };
    const lead = leader(videos());
    if (!lead || !(event.key in steps)) return;
    event.preventDefault();
    seek(Math.min(lead.duration, Math.max(0, lead.currentTime + steps[event.key])));
  });
  // Media events do not bubble, but can be captured on the way down.
  for (const name of ["loadedmetadata", "seeked", "emptied"]) root.addEventListener(name, show, true);
  new MutationObserver(changes => {
    const media = changes.some(change =>
      [...change.addedNodes, ...change.removedNodes].some(node =>
        node.nodeName === "VIDEO" || (node.querySelector && node.querySelector("video, .curve"))));
    if (media) show();
  }).observe(root, { childList: true, subtree: true });
  show();
}
