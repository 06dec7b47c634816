// A click on a ready example gives its portrait and voice, and chooses its preset in the open tab, as a visitor would.
element.addEventListener("click", (event) => {
  const one = event.target.closest("[data-example]");
  if (!one) return;
  trigger("click", { example: Number(one.dataset.example) });
  for (const [engine, preset] of Object.entries(JSON.parse(one.dataset.presets))) {
    const choices = [...document.querySelectorAll(`#${engine}-preset input`)];
    const choice = choices.find((input) => input.value === preset && input.closest("label").checkVisibility());
    if (choice && !choice.checked) choice.click();
  }
});
