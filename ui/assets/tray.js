// The lines of a visitor's jobs: cancelling one, and how far the first is, in the window's title.
const title = document.title;

element.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-job]");
  if (!button) return;
  button.disabled = true;
  trigger("click", { job: button.dataset.job });
});

watch("value", () => {
  const bar = element.querySelector("[role=progressbar]");
  const percent = bar ? Math.floor(Number(bar.getAttribute("aria-valuenow"))) : null;
  document.title = percent === null ? title : `${percent} % · ${title}`;
});
