// Buttons that are written in HTML: a click tells which one was pressed.
element.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-choice]");
  if (button) trigger("click", { choice: button.dataset.choice });
});
