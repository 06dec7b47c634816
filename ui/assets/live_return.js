// A page that was loaded again in the middle of a live session opens its tab, which says what has happened.
// The tabs may be drawn after this part of the page.
function openLive() {
  const tab = document.querySelector(".tab-container:not(.visually-hidden) [role=tab][data-tab-id=live]");
  tab?.click();
  return Boolean(tab);
}
let wasLive = false;
try { wasLive = "joystudio-live" in sessionStorage; } catch { /* not allowed here */ }
if (wasLive && !openLive()) {
  const looking = new MutationObserver(() => { if (openLive()) looking.disconnect(); });
  looking.observe(document.body, { childList: true, subtree: true });
}
