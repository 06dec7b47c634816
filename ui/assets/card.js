// One column's card. Its value is what the column is made with: the engine, the preset, and the options that
// differ from the preset. The forms are in the page once for all cards, as templates of the engines.
const find = (name) => element.querySelector(name);
const all = (name, root = element) => [...root.querySelectorAll(name)];
const engines = find(".card-engine");
const place = find(".card-fields");
const kept = {};  // the choices for the other engines, for when one of them comes back
let chosen = props.value;
let known = null;
let soon = null;

const base = () => known[chosen.engine].presets[chosen.preset] || {};
const presets = () => all(".card-preset").find((list) => list.dataset.engine === chosen.engine);

function keep(options, later = 0) {
  chosen = { ...chosen, options };
  props.value = chosen;  // at once: a click on Compare takes the value, even before the heading follows
  clearTimeout(soon);
  soon = setTimeout(() => trigger("input"), later);
}

function read(input) {
  if (input.type === "checkbox") return input.checked;
  return input.type === "number" || input.type === "range" ? Number(input.value) : input.value;
}

function write(field, value, but = null) {
  for (const input of all("input", field)) {
    if (input === but) continue;
    if (input.type === "checkbox") input.checked = value;
    else if (input.type === "radio") input.checked = input.value === value;
    else input.value = value;
  }
}

function showValues() {
  for (const field of all(".field")) {
    const name = field.dataset.option;
    write(field, name in chosen.options ? chosen.options[name] : base()[name]);
  }
}

function draw() {
  engines.value = chosen.engine;
  for (const list of all(".card-preset")) list.hidden = list.dataset.engine !== chosen.engine;
  presets().value = chosen.preset;
  const forms = all("template", document.getElementById("compare-forms"));
  const form = forms.find((one) => one.dataset.engine === chosen.engine);
  place.replaceChildren(form.content.cloneNode(true));
  const card = element.closest(".card").id;
  for (const field of all(".field")) {
    field.id = `${card}-option-${field.dataset.option}`;
    const help = field.querySelector("small");
    if (help) help.id = `${field.id}-help`;
    for (const input of all("input", field)) {
      if (input.type === "radio") input.name = field.id;
      if (help) input.setAttribute("aria-describedby", help.id);
    }
  }
  showValues();
}

function change({ target }) {
  if (target === engines) {
    kept[chosen.engine] = chosen;
    const engine = engines.value;
    chosen = kept[engine] || { engine, preset: known[engine].usual, options: {} };
    draw();
    keep(chosen.options);
  } else if (target.matches(".card-preset")) {
    chosen = { ...chosen, preset: target.value };
    keep({});
    showValues();
    trigger("select");
  }
}

function input({ target }) {
  const field = target.closest(".field");
  if (!field || (target.type === "number" && target.value === "")) return;
  const name = field.dataset.option;
  const { [name]: _, ...others } = chosen.options;
  const value = read(target);
  write(field, value, target);
  keep(value === base()[name] ? others : { ...others, [name]: value }, 150);
}

function leave({ target }) {
  if (target.type === "number" && target.value === "") showValues();
}

(async () => {
  while (!document.getElementById("compare-forms")) await new Promise(requestAnimationFrame);
  known = JSON.parse(document.getElementById("compare-forms").dataset.known);
  draw();
  element.addEventListener("change", change);
  element.addEventListener("input", input);
  element.addEventListener("focusout", leave);
  find(".card-reset").addEventListener("click", () => { keep({}); showValues(); });
  element.dataset.ready = "";
})();
