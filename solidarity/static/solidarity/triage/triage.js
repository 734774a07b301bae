// The dispatchers' pages: keyboard, number of selected needs, timer and release of the lock. They work without it, too.

const KEY = "solidarity.triage.keys";


function keysOn() {
  try {
    return window.localStorage.getItem(KEY) !== "off";
  } catch {
    return true;
  }
}

// --- keys ---

const rows = [...document.querySelectorAll("[data-row]")];
let current = -1;

/** Move to a row of the list; its link gets the focus. */
function go(step) {
  const here = rows.findIndex((row) => row.contains(document.activeElement));
  if (here >= 0) current = here;
  current = Math.min(rows.length - 1, Math.max(0, current + step));
  rows[current]?.querySelector("[data-row-link]")?.focus();
  rows[current]?.scrollIntoView({ block: "nearest" });
}

/** Click the element for a key: in the current row of the list, or anywhere on a page without a list. */
function press(key) {
  const scope = rows.length ? rows[current] : document;
  const target = scope?.querySelector(`[data-key="${key}"]`);
  if (target) target.click();
  else if (key === "d" && !rows.length) document.getElementById("duplicates")?.scrollIntoView();
}

function openFold(id) {
  const fold = document.getElementById(id);
  if (!fold) return;
  fold.open = id === "keys" ? !fold.open : true;
  (id === "keys" ? fold.querySelector("summary") : fold.querySelector("select, input:not([type=hidden])"))?.focus();
}

const ACTS = {
  j: () => (rows.length ? go(1) : press("j")),
  k: () => (rows.length ? go(-1) : press("k")),
  x: () => rows[current]?.querySelector("input[type=checkbox]")?.click(),
  v: () => press("v"),
  o: () => press("o"),
  d: () => press("d"),
  c: () => document.querySelector("[data-new-call]")?.click(),
  "/": () => openFold("filter"),
  "?": () => openFold("keys"),
};

document.addEventListener("keydown", (event) => {
  const target = event.target instanceof Element ? event.target : null;
  const types = target?.closest("textarea, select, [contenteditable], input:not([type=checkbox], [type=radio])");
  if (types || event.ctrlKey || event.altKey || event.metaKey || event.repeat || !(event.key in ACTS)) return;
  if (!keysOn() && event.key !== "?") return;
  event.preventDefault();
  ACTS[event.key]();
});

document.addEventListener("focusin", (event) => {
  const here = rows.findIndex((row) => row.contains(event.target));
  if (here >= 0) current = here;
  for (const [index, row] of rows.entries()) row.toggleAttribute("data-current", index === current);
});

for (const box of document.querySelectorAll("[data-keys-on]")) {
  box.checked = keysOn();
  box.addEventListener("change", () => {
    try {
      window.localStorage.setItem(KEY, box.checked ? "on" : "off");
    } catch {
      // Storage is not available: keys stay on.
    }
  });
}

// --- selecting ---

const counter = document.querySelector("[data-count]");
const boxes = [...document.querySelectorAll("input[form=bulk][type=checkbox]")];

function count() {
  const chosen = boxes.filter((box) => box.checked).length;
  if (counter) counter.textContent = chosen ? `${chosen} ${counter.dataset.some}` : counter.dataset.none;
  for (const button of document.querySelectorAll("#bulk button[name=action]")) button.disabled = chosen === 0;
}

document.querySelector("[data-select-all]")?.addEventListener("click", () => {
  const all = boxes.every((box) => box.checked);
  for (const box of boxes) box.checked = !all;
  count();
});
for (const box of boxes) box.addEventListener("change", count);
count();
window.addEventListener("pageshow", count);

// --- the lock ---

function tick() {
  for (const place of document.querySelectorAll("[data-until]")) {
    const left = Math.max(0, Math.round((new Date(place.dataset.until) - Date.now()) / 1000));
    place.textContent = `(${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")})`;
  }
}

const beat = document.querySelector("[data-leave]");
let staying = false;
if (beat) {
  tick();
  window.setInterval(tick, 1000);
  // Keep the lock when a form is sent: it leads back to this page or to the contact.
  document.addEventListener("submit", (event) => { staying = !event.defaultPrevented; });
  window.addEventListener("pagehide", () => {
    if (staying) return;
    const data = new FormData();
    data.set("visit", beat.dataset.visit);
    data.set("csrfmiddlewaretoken", beat.querySelector("[name=csrfmiddlewaretoken]").value);
    navigator.sendBeacon(beat.dataset.leave, data);
  });
  window.addEventListener("pageshow", (event) => {
    staying = false;
    if (event.persisted) window.location.reload();
  });
}


document.documentElement.dataset.keys = keysOn() ? "on" : "off";
