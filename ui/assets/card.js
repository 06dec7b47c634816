// Tells the page that something in a column's card was set by hand, so that its heading is written anew.
// One listener on the card is lighter than one for each of its options.
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
