// Keeps the home page up to date. The page reads its cards again when somebody returns after a pause, when the browser
// restores it from its history, and when the number of danger alarms changes.

const PAUSE = 30e3; // milliseconds away after which the cards are read again

let read = Date.now();
let reading = false;

/** Read the page again and replace the cards. Cards with a form in use stay. */
async function refresh() {
  const shown = document.querySelector("[data-work]");
  if (reading || !navigator.onLine || shown.querySelector("form :focus")) return;
  reading = true;
  try {
    const answer = await fetch(window.location.pathname, {
      credentials: "same-origin", redirect: "error", cache: "no-store", signal: AbortSignal.timeout(10e3),
    });
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.querySelector("[data-work]");
    if (!fresh) return;
    const at = document.activeElement?.closest?.("[data-work] a")?.getAttribute("href");
    fresh.querySelector("details").open = shown.querySelector("details").open;
    shown.replaceWith(fresh);
    document.querySelector("[data-work-time]").textContent = page.querySelector("[data-work-time]").textContent;
    const same = [...fresh.querySelectorAll("a")].find((link) => at && link.getAttribute("href") === at);
    same?.focus({ preventScroll: true });
    read = Date.now();
  } catch {
    // Without network, the page keeps what it shows, and says so in the band above.
  } finally {
    reading = false;
  }
}

window.addEventListener("pageshow", (event) => {
  if (event.persisted) refresh();
});
document.addEventListener("visibilitychange", () => {
  if (!document.hidden && Date.now() - read > PAUSE) refresh();
});
window.addEventListener("online", refresh);
document.addEventListener("solidarity:alarms", refresh);
