// A visitor's jobs: cancels one, starts an interrupted one again or discards it, shows the progress of the first in the
// window's title, and notifies at the end of a long one.
const title = document.title;
const canNotify = "Notification" in window;
let long = new Map(), percent = null, live = false;

// A dot while the portrait is live.
function entitle() {
  document.title = `${live ? "● " : ""}${percent === null ? "" : `${percent} % · `}${title}`;
}
window.addEventListener("livesession", ({ detail }) => { live = detail; entitle(); });

element.addEventListener("click", (event) => {
  if (event.target.closest(".tray-ask")) {
    Notification.requestPermission().then(offer);
    return;
  }
  const button = event.target.closest("button[data-job]");
  if (!button) return;
  button.disabled = true;
  long.delete(button.dataset.job);
  trigger("click", { job: button.dataset.job, what: button.dataset.what });
});

// The browser asks once; after either answer there is nothing to offer.
function offer() {
  const asks = element.querySelector(".tray-notify");
  if (asks) asks.hidden = !long.size || !canNotify || Notification.permission !== "default";
}

function notifyOfEnds() {
  const jobs = [...element.querySelectorAll("li[data-job]")];
  const there = new Set(jobs.map((job) => job.dataset.job));
  for (const [job, words] of long) {
    if (there.has(job) || !document.hidden || !canNotify || Notification.permission !== "granted") continue;
    const shown = new Notification(title, { body: words, tag: job });
    shown.onclick = () => window.focus();
  }
  const ended = element.querySelector(".tray-ended")?.textContent;
  const lasting = jobs.filter((job) => "long" in job.dataset);
  long = new Map(lasting.map((job) => {
    return [job.dataset.job, `${job.querySelector(".job-name").textContent}: ${ended}`];
  }));
  offer();
}

watch("value", () => {
  const bar = element.querySelector("[role=progressbar]");
  percent = bar ? Math.floor(Number(bar.getAttribute("aria-valuenow"))) : null;
  entitle();
  notifyOfEnds();
});
