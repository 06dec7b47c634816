// Full screen: a tap or the mouse shows the way out, and the buttons that a visitor needs there.
const OVER = 4000; // milliseconds until they are hidden again

// buttons: those of the tab, by name. act(name): what a click on one does.
function liveFull(stage, buttons, act) {
  const over = [...stage.querySelectorAll("[data-over]")];
  const isFull = () => document.fullscreenElement === stage;
  let hiding = null;
  function show() {
    clearTimeout(hiding);
    stage.classList.toggle("tapped", isFull());
    hiding = setTimeout(() => stage.classList.remove("tapped"), OVER);
  }
  stage.addEventListener("click", (event) => {
    const button = event.target.closest("[data-over]");
    if (button) act(button.dataset.over);
    show();
  });
  stage.addEventListener("pointermove", show);
  stage.addEventListener("focusin", show);
  document.addEventListener("fullscreenchange", show);

  return {
    turn() { if (isFull()) document.exitFullscreen(); else stage.requestFullscreen(); },
    // Show what the tab's own buttons show.
    follow() {
      for (const button of over) {
        const shown = buttons[button.dataset.over];
        if (shown === buttons.full) continue;
        Object.assign(button, { innerHTML: shown.innerHTML, hidden: shown.hidden, disabled: shown.disabled });
      }
    },
  };
}
