// What happens to a live session when its window is loaded again. Gradio loads the page again once the server answers after
// a gap in the network; a cookie asks the server to let it wait until the session, which outlives the gap, has ended.
const KEPT = "joystudio-live"; // the name of the cookie, and of what this window remembers; see live_return.js
const COOKIE_SECONDS = 60, RENEWED_EVERY = 20000; // milliseconds
const RELOAD_FOLLOWS = 30000; // milliseconds after a session in which the page may load again because of a gap

function setCookie(seconds) {
  const where = location.protocol === "https:" ? "SameSite=None; Secure; Partitioned" : "SameSite=Lax"; // also in a frame
  try {
    document.cookie = `${KEPT}=1; Max-Age=${seconds}; Path=${new URL(document.baseURI).pathname}; ${where}`;
  } catch { /* not allowed here */ }
}
function remember(facts) {
  try {
    if (facts) sessionStorage[KEPT] = JSON.stringify(facts); else delete sessionStorage[KEPT];
  } catch { /* not allowed here */ }
}

function keepWindow() {
  let recorded = false, gap = false;
  const ask = (event) => event.preventDefault();
  const renew = () => setCookie(COOKIE_SECONDS);
  const renewing = setInterval(renew, RENEWED_EVERY);
  renew();
  remember({ recorded });
  addEventListener("beforeunload", ask);
  return {
    hasRecording() { recorded = true; remember({ recorded }); },
    hadGap() { gap = true; },
    end() {
      clearInterval(renewing);
      removeEventListener("beforeunload", ask);
      setCookie(0);
      remember(gap ? { recorded, until: Date.now() + RELOAD_FOLLOWS } : null);
    },
  };
}

// What this window remembers of a session that ended with the page before this one; once.
function sessionBefore() {
  let facts = null;
  try { facts = JSON.parse(sessionStorage[KEPT] || "null"); } catch { /* not allowed here */ }
  remember(null);
  return facts && Date.now() < (facts.until ?? Infinity) ? facts : null;
}
