// Tells that an option of this tab was moved by hand. One listener costs less than one for each option, because
// Gradio compares every component of a page with every event when it opens.
const OPTION = '.options-column :is([id*="-option-"], [id$="-animation-mode"])';
const tab = element.closest("[role=tabpanel], .tabitem");
for (const moves of ["input", "change"]) {
  tab.addEventListener(moves, (event) => { if (event.target.closest(OPTION)) trigger("input"); });
}
// The track of marks below the voice changes an option of the tab, too.
window.addEventListener("marksmoved", ({ detail }) => { if (tab.querySelector(`#${detail}-generate`)) trigger("input"); });
