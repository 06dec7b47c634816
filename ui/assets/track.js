// Shows a video's subtitles in its player, which Gradio may draw again at any time.
function place() {
  const address = element.querySelector("[data-track]")?.dataset.track;
  for (const video of document.querySelectorAll(`#${PLAYER} video`)) {
    const shown = video.querySelector("track[data-ours]");
    if (shown && shown.dataset.ours === address) continue;
    shown?.remove();
    if (!address) continue;
    const track = document.createElement("track");
    Object.assign(track, { kind: "subtitles", src: address });
    track.dataset.ours = address;
    video.append(track);
    track.track.mode = "showing";
  }
}
const player = document.getElementById(PLAYER);
if (player) new MutationObserver(place).observe(player, { childList: true, subtree: true });
watch("value", place);
place();
