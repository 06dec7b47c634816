// Tells the page that a column's card was changed by hand, so that its heading is updated.
// One listener on the card costs less than one per option.
const card = element.closest(".card");
let soon = null;
function ask(event) {
  if (element.contains(event.target)) return;
  clearTimeout(soon);
  soon = setTimeout(() => trigger("click"), 150);
}
if (card) {
  for (const name of ["input", "change", "click"]) card.addEventListener(name, ask);
  card.dataset.listens = "";
}
