// Tour mode: one page for any tour, drawn from the state in walk-now.js.

import { begin, change, forget, now, page, part, say, words } from "./tour-mode-now.js";
import { drawEnding, finish, goOn, mend, review, ticked } from "./tour-mode-end.js";
import { ask, choose, met, more, nobody, settle, totals, undo } from "./tour-mode-taps.js";
import { askAgain, lost, measure, pause, tick } from "./tour-mode-where.js";

const FOUR_HOURS = 4 * 3600e3;
const SETTLED = 3 * 60e3; // an encounter that nobody adds to for so long is sent
const title = document.title;
let lock = null;
let theme = null; // what it was before black
let reminded = false;

// --- drawing ---------------------------------------------------------------------------------------------------------

function draw() {
  const { state } = now;
  const done = Boolean(state?.done);
  part("none").hidden = Boolean(state);
  part("on").hidden = !state || done || now.ending;
  part("ending").hidden = !state || done || !now.ending;
  part("done").hidden = !done;
  if (done) drawDone();
  if (!state || done) return;
  if (now.ending) drawEnding();
  else drawWalk();
  remind();
}

function drawDone() {
  part("summary").textContent = now.state.done;
  part("done-state").textContent = words.ended;
  part("share").hidden = !navigator.share;
  document.title = title;
  window.scrollTo(0, 0);
}

function drawWalk() {
  const { asking, state } = now;
  const numbers = totals();
  for (const name of ["persons", "looked", "given"]) part(name).textContent = String(numbers[name]);
  const minutes = Math.max(0, Math.floor((Date.now() - state.tour.began) / 60e3));
  part("clock").textContent = `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, "0")}`;
  part("pause").setAttribute("aria-pressed", String(Boolean(state.pausedAt)));
  part("pause-label").textContent = state.pausedAt ? words.resume : words.pause;
  if (state.pausedAt) part("state").textContent = words.paused;
  const here = state.tour.cells.find(({ cell }) => cell === state.cell);
  if (state.manual && here && !state.pausedAt) part("state").textContent = words.here.replace("NUMBER", here.name);
  part("undo").disabled = !state.taps.length;
  part("kinds").hidden = !asking || !state.current;
  if (asking && state.current) {
    part("kinds-title").textContent = asking === "given" ? part("kinds-title").dataset.gave : part("kinds-title").dataset.asked;
    for (const button of page.querySelectorAll("[data-walk-kind]")) button.setAttribute("aria-pressed", String(state.current[asking].includes(button.dataset.walkKind)));
  }
  drawCells();
}

function drawCells() {
  const list = part("list");
  const { cells, note = "" } = now.state.tour;
  part("note").textContent = note;
  part("note").hidden = !note;
  part("cells-none").hidden = cells.length > 0;
  if (list.childElementCount !== cells.length) list.replaceChildren(...cells.map(cellRow));
  for (const button of list.querySelectorAll("button")) {
    const cell = button.dataset.walkCell;
    const minutes = Math.round(ticked(cell));
    button.setAttribute("aria-pressed", String(now.state.manual && now.state.cell === cell));
    button.nextElementSibling.textContent = minutes ? words.min.replace("NUMBER", minutes) : "";
  }
}

function cellRow({ cell, name, more: area }) {
  const row = Object.assign(document.createElement("div"), { className: "walk-row" });
  const button = Object.assign(document.createElement("button"), { type: "button", className: "btn btn-secondary" });
  button.dataset.walkCell = cell;
  button.append(Object.assign(document.createElement("span"), { textContent: name }));
  if (area) button.append(Object.assign(document.createElement("small"), { textContent: area }));
  row.append(button, document.createElement("output"));
  return row;
}

function remind() {
  const over = Date.now() > (now.state.tour.ends ?? now.state.tour.began + FOUR_HOURS);
  part("over").hidden = !over;
  document.title = over ? `⏰ ${words.over} · ${title}` : title;
  if (over && !reminded) navigator.vibrate?.([400, 200, 400]);
  reminded = over;
}

/** Every half minute. */
function beat() {
  const { state } = now;
  if (!state || state.done) return;
  askAgain();
  if (state.current && Date.now() - state.current.touched > SETTLED) change(settle);
  draw();
}

// --- the screen ------------------------------------------------------------------------------------------------------

/** Black saves the battery of most screens. Kept on this phone. */
function black(yes) {
  const root = document.documentElement;
  if (yes && !root.classList.contains("walk-black")) theme = root.getAttribute("data-bs-theme");
  root.classList.toggle("walk-black", yes);
  if (yes) root.setAttribute("data-bs-theme", "dark");
  else if (theme) root.setAttribute("data-bs-theme", theme);
  part("black").setAttribute("aria-pressed", String(yes));
}

function keptBlack(value) {
  try {
    if (value !== undefined) window.localStorage.setItem("solidarity.walk.black", value ? "1" : "");
    return window.localStorage.getItem("solidarity.walk.black") === "1";
  } catch {
    return Boolean(value);
  }
}

async function awake() {
  if (lock) await lock.release();
  else {
    lock = await navigator.wakeLock.request("screen").catch(() => null);
    lock?.addEventListener("release", () => { lock = null; part("awake").setAttribute("aria-pressed", "false"); });
  }
  part("awake").setAttribute("aria-pressed", String(Boolean(lock)));
}

// --- and go ----------------------------------------------------------------------------------------------------------

const verbs = { met, more, nobody, undo, pause, awake, finish, end: review, "over-end": review, back: goOn, gave: () => ask("given"), asked: () => ask("asked") };
for (const [name, verb] of Object.entries(verbs)) part(name).addEventListener("click", verb);
part("black").addEventListener("click", () => black(keptBlack(!document.documentElement.classList.contains("walk-black"))));
part("share").addEventListener("click", () => navigator.share({ text: now.state.done }).catch(() => {}));
page.addEventListener("click", (event) => {
  const { walkKind, walkCell } = event.target.closest("button")?.dataset ?? {};
  if (walkKind && now.asking) choose(walkKind);
  if (walkCell) tick(walkCell);
});
page.addEventListener("input", (event) => { if (event.target.dataset.walkMinutes) mend(event.target); });
part("awake").hidden = !navigator.wakeLock;
now.draw = draw;
black(keptBlack());
now.state = await begin();
if (now.state?.done) {
  draw();
  await forget();
} else if (now.state) {
  try {
    now.h3 = await import(page.dataset.h3);
  } catch {
    now.h3 = null; // not kept on this phone yet: cells are ticked
  }
  await change(() => {});
  say("");
  measure();
  if (!now.h3 || !navigator.geolocation) lost({ code: 1 });
  window.setInterval(beat, 30e3);
} else draw();
page.dataset.ready = "";
