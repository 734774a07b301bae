// Pages of commitments: running timers, which without this script show the time left when the page was loaded, and the form
// that gives a need back.

const SOON = 60; // minutes

function spell(minutes, { over, least }) {
  if (minutes < 1) return minutes < 0 ? over : least;
  const hours = Math.floor(minutes / 60);
  const rest = minutes % 60;
  return hours ? `${hours} h ${String(rest).padStart(2, "0")} min` : `${rest} min`;
}

function tick(timer) {
  const minutes = Math.floor((Date.parse(timer.dataset.timer) - Date.now()) / 60000); // below 0: it is over
  const text = spell(minutes, timer.dataset);
  const left = timer.querySelector("[data-timer-left]");
  if (left.textContent !== text) left.textContent = text;
  timer.toggleAttribute("data-timer-over", minutes < 0);
  timer.toggleAttribute("data-timer-soon", minutes >= 0 && minutes <= SOON);
}

/** Pages may replace their timers, so look for them each time. */
function tickAll() {
  document.querySelectorAll("[data-timer]").forEach(tick);
}
tickAll();
window.setInterval(tickAll, 10_000);
document.addEventListener("visibilitychange", tickAll);

/** The phone says only whether the person cannot have come to the place yet (walking.js). */
function sayIfAway(form) {
  const earliest = Number(sessionStorage.getItem(`arrival:${form.dataset.giveBack}`) ?? 0);
  form.elements.near.value = Date.now() < earliest ? "no" : "";
}

for (const form of document.querySelectorAll("[data-give-back]")) form.addEventListener("submit", () => sayIfAway(form));
