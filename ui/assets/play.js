// The large button on the first frame of a shared video. Events of videos do not bubble.
const button = () => element.querySelector(".shared-player button");
element.addEventListener("click", (event) => {
  if (event.target.closest(".shared-player button")) element.querySelector("video").play().catch(() => {});
});
element.addEventListener("play", () => { button().hidden = true; }, true);
