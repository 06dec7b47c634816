// The page's language. Gradio stores it as the page's lang and translates the texts of components; this script
// chooses, changes and stores it, and updates the texts in HTML.
(() => {
  const KEY = "joystudio-language";
  const CHINESE = "zh-CN";
  const PLAIN = ".toast-title, .caption-label, .voice-examples button, .voice-examples td, .voice button, "
    + "[role=tab], .tab-container button";
  const TITLES = { Error: "That did not work", Warning: "Please note" };
  const english = new WeakMap();
  const catalogue = window.gradio_config?.i18n_translations?.[CHINESE] || {};
  const fromChinese = Object.fromEntries(Object.entries(catalogue).map(([text, other]) => [other, text]));

  const isChinese = () => document.documentElement.lang.startsWith("zh");
  const kept = () => { try { return localStorage.getItem(KEY); } catch { return null; } };
  const keep = (language) => { try { localStorage.setItem(KEY, language); } catch { /* not allowed here */ } };

  function wanted() {
    const asked = new URLSearchParams(location.search).get("lang") || kept();
    if (asked) return asked.startsWith("zh") ? CHINESE : "en";
    return navigator.language.startsWith("zh") ? CHINESE : null;
  }

  async function change(language) {
    // The module with which Gradio's own settings change the language; its name contains a hash.
    const loaded = [...document.querySelectorAll("link[rel=modulepreload]")].map((link) => link.href)
      .concat(performance.getEntriesByType("resource").map((entry) => entry.name));
    const core = loaded.find((address) => /\/assets\/core-[^/]*\.js$/.test(address));
    if (core) (await import(core)).changeLocale(language);
  }

  // A part is rewritten from its own attributes only, so that repeating it changes nothing.
  function sayParts(root) {
    for (const part of root.querySelectorAll("[data-zh]")) {
      if (part.dataset.en === undefined) part.dataset.en = part.innerHTML;
      const text = isChinese() ? part.dataset.zh : part.dataset.en;
      if (part.dataset.said !== text) { part.innerHTML = text; part.dataset.said = text; }
    }
    for (const part of root.querySelectorAll("[data-zh-label]")) {
      if (part.dataset.enLabel === undefined) part.dataset.enLabel = part.getAttribute("aria-label");
      const text = isChinese() ? part.dataset.zhLabel : part.dataset.enLabel;
      if (part.getAttribute("aria-label") !== text) part.setAttribute("aria-label", text);
    }
  }

  // Names that Gradio shows unchanged, or as they were when the page was opened: found in the catalogue as a
  // whole, or by the parts between the dots.
  function inChinese(text) {
    if (catalogue[text.trim()]) return text.replace(text.trim(), catalogue[text.trim()]);
    return text.split(" · ").map((part) => part.replace(part.trim(), catalogue[part.trim()] || part.trim())).join(" · ");
  }

  function sayPlain(root) {
    for (const element of root.querySelectorAll(PLAIN)) {
      const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
      for (let node = walker.nextNode(); node; node = walker.nextNode()) {
        const known = english.get(node);
        const plain = fromChinese[node.data.trim()] || node.data.trim();
        const title = element.matches(".toast-title") && TITLES[plain];
        const read = node.data.replace(node.data.trim(), title || plain);
        const source = known && known.said === node.data ? known.source : read;
        const text = isChinese() ? inChinese(source) : source;
        english.set(node, { source, said: text });
        if (node.data !== text) node.data = text;
      }
    }
  }

  // Gradio's own refusals are English; ours are in their place in both languages.
  function sayRefusals(root) {
    for (const element of root.querySelectorAll('[data-testid="toast-text"]')) {
      if (element.querySelector("bdi")) continue;
      const text = element.textContent.trim();
      for (const [pattern, ...ours] of REFUSALS) {
        const found = text.match(new RegExp(pattern));
        if (!found) continue;
        const said = ours.map((words) => words.replace(/\{(\d)\}/g, (_, place) => found[Number(place) + 1]));
        element.replaceChildren(...["en", "zh"].map((lang, number) => {
          const part = document.createElement("bdi");
          part.lang = lang;
          part.textContent = said[number];
          return part;
        }));
        break;
      }
    }
  }

  function sayIn(root) {
    // An empty place has no role that may have a name, and Gradio's is English.
    for (const place of root.querySelectorAll(".empty[aria-label]")) place.removeAttribute("aria-label");
    sayRefusals(root);
    sayParts(root);
    sayPlain(root);
  }

  function markSwitch() {
    for (const button of document.querySelectorAll("[data-language]")) {
      const pressed = String(button.dataset.language === (isChinese() ? CHINESE : "en"));
      if (button.getAttribute("aria-pressed") !== pressed) button.setAttribute("aria-pressed", pressed);
    }
  }

  // Only changed elements are examined: while videos play, something changes in every frame.
  function follow(changes) {
    const roots = new Set();
    for (const { target, type, attributeName } of changes) {
      if (attributeName === "lang" && target === document.documentElement) roots.add(document);
      const element = target.nodeType === Node.ELEMENT_NODE ? target : target.parentElement;
      if (element) roots.add((element.closest(PLAIN) || element).parentElement || document);
      if (type === "childList" || roots.has(document)) markSwitch();
    }
    if (roots.has(document)) sayIn(document);
    else roots.forEach(sayIn);
  }

  new MutationObserver(follow).observe(document.documentElement, {
    subtree: true,
    childList: true,
    characterData: true,
    attributeFilter: ["lang", "data-zh", "data-zh-label"],
  });
  document.addEventListener("click", (event) => {
    const button = event.target.closest && event.target.closest("[data-language]");
    if (!button) return;
    keep(button.dataset.language);
    change(button.dataset.language);
  });
  const language = wanted();
  if (language && language !== document.documentElement.lang) change(language);
})();
