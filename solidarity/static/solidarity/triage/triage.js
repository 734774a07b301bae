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

let current = ""; // id of the row that the keys act on

const rows = () => [...document.querySelectorAll("[data-row]")];
const here = () => document.getElementById(current);

/** Move to a row of the list; its link gets the focus. */
function go(step) {
  const all = rows();
  const place = all.indexOf(here());
  const next = all[Math.min(all.length - 1, Math.max(0, place + step))];
  next?.querySelector("[data-row-link]")?.focus();
  next?.scrollIntoView({ block: "nearest" });
}

/** Click the element for a key: in the current row of the list, or anywhere on a page without a list. */
function press(key) {
  const list = rows().length > 0;
  const target = (list ? here() : document)?.querySelector(`[data-key="${key}"]`);
  const link = here()?.querySelector("[data-row-link]");
  if (target) target.click();
  else if (key === "d" && link) window.location.assign(`${link.href}#duplicates`);
  else if (key === "d" && !list) reveal(document.getElementById("duplicates"));
}

/** Open the fold around a part of the page, and scroll to it. */
function reveal(part) {
  const fold = part?.closest("details");
  if (fold) fold.open = true;
  part?.scrollIntoView();
}
if (window.location.hash === "#duplicates") reveal(document.getElementById("duplicates"));

function openFold(id) {
  const fold = document.getElementById(id);
  if (!fold) return;
  fold.open = id === "keys" ? !fold.open : true;
  (id === "keys" ? fold.querySelector("summary") : fold.querySelector("select, input:not([type=hidden])"))?.focus();
}

const ACTS = {
  j: () => (rows().length ? go(1) : press("j")),
  k: () => (rows().length ? go(-1) : press("k")),
  n: () => document.querySelector("[data-news-show]:not([hidden])")?.click(),
  s: () => document.querySelector("[data-find] input[type=search]")?.focus(),
  x: () => here()?.querySelector("input[type=checkbox]")?.click(),
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
  current = event.target.closest("[data-row]")?.id ?? current;
  for (const row of rows()) row.toggleAttribute("data-current", row.id === current);
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

const boxes = () => [...document.querySelectorAll("input[form=bulk][type=checkbox]")];

function count() {
  const chosen = boxes().filter((box) => box.checked).length;
  const counter = document.querySelector("[data-count]");
  if (counter) counter.textContent = chosen ? `${chosen} ${counter.dataset.some}` : counter.dataset.none;
  document.getElementById("bulk")?.toggleAttribute("data-chosen", chosen > 0);
  for (const button of document.querySelectorAll("#bulk button[name=action]")) button.disabled = chosen === 0;
}

document.addEventListener("click", ({ target }) => {
  if (!target.closest?.("[data-select-all]")) return;
  const all = boxes().every((box) => box.checked);
  for (const box of boxes()) box.checked = !all;
  count();
});
document.addEventListener("change", ({ target }) => { if (target.matches?.("input[form=bulk]")) count(); });
document.addEventListener("solidarity:rows", count);
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
  // Keep the lock when a form is sent, because the form leads back to this page or to the contact.
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
