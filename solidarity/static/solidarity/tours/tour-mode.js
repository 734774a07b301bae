// Tour mode: one page for any tour, drawn from the state in tour-mode-now.js.

import { onChange, release } from "../phone_queue/queue.js";
import { begin, change, forget, now, page, part, say, words } from "./tour-mode-now.js";
import * as counts from "./tour-mode-counts.js";
import { correct, drawEnding, endedElsewhere, finish, goOn, review, summary, ticked } from "./tour-mode-end.js";
import { showWords } from "./tour-mode-words.js";
import { ask, choose, met, more, nobody, rescue, underWay, undo } from "./tour-mode-taps.js";
import { askAgain, lost, measure, pause, tick } from "./tour-mode-where.js";

const FOUR_HOURS = 4 * 3600e3;
const ASK_AGAIN = 2 * 60e3; // how often the server is asked what other phones logged
const title = document.title;
let lock = null;
let theme = null; // the theme before the black screen
let reminded = false;
let stops = null; // the module of the stops, loaded after the page

// --- drawing ---------------------------------------------------------------------------------------------------------

function draw() {
  const { state } = now;
  const done = Boolean(state?.done);
  part("none").hidden = Boolean(state);
  part("on").hidden = !state || done || now.ending;
  part("ending").hidden = !state || done || !now.ending;
  part("done").hidden = !done;
  document.body.classList.toggle("tour-mode-on", Boolean(state) && !done); // the site's navigation makes room
  if (done) drawDone();
  if (!state || done) return;
  if (now.ending) drawEnding();
  else drawTour();
  remind();
}

function drawDone() {
  const { done } = now.state;
  const { text, isWhole } = summary();
  part("summary").textContent = text;
  const waits = waitingWords(now.counts?.waiting ?? 0);
  const lines = [done.elsewhere ? words.endedElsewhere : words.ended, isWhole ? words.arrived : waits];
  part("done-state").textContent = lines.join(" ");
  part("done-queue").hidden = isWhole;
  part("share").hidden = !navigator.share;
  document.title = title;
  if (isWhole && !done.shown) change(() => { now.state.done.shown = true; });
}

function waitingWords(number) {
  return number === 1 ? words.waitsOne : number ? words.waitsMany.replace("NUMBER", number) : "";
}

function drawCounts() {
  const { all, here, waiting } = now.counts ?? {};
  for (const name of ["persons", "looked", "given"]) part(name).textContent = String((all ?? here)?.[name] ?? 0);
  part("scope").textContent = all ? words.scopeAll : words.soFar;
  part("waits").textContent = waitingWords(waiting);
  part("waits").hidden = !waiting;
}

function drawTour() {
  const { asking, state } = now;
  drawCounts();
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
    const title = part("kinds-title");
    title.textContent = asking === "given" ? title.dataset.gave : title.dataset.asked;
    for (const button of page.querySelectorAll("[data-tour-kind]")) {
      button.setAttribute("aria-pressed", String(state.current[asking].includes(button.dataset.tourKind)));
    }
  }
  drawCells();
  stops?.drawStops();
}

function drawCells() {
  const list = part("list");
  const { cells, note = "" } = now.state.tour;
  part("note").textContent = note;
  part("note").hidden = !note;
  part("cells-none").hidden = cells.length > 0;
  if (list.childElementCount !== cells.length) list.replaceChildren(...cells.map(cellRow));
  for (const button of list.querySelectorAll("button")) {
    const cell = button.dataset.tourCell;
    const minutes = Math.round(ticked(cell));
    button.setAttribute("aria-pressed", String(now.state.manual && now.state.cell === cell));
    button.nextElementSibling.textContent = minutes ? words.min.replace("NUMBER", minutes) : "";
  }
}

function cellRow({ cell, name, more: area }) {
  const row = Object.assign(document.createElement("div"), { className: "tour-mode-row" });
  const button = Object.assign(document.createElement("button"), { type: "button", className: "btn btn-secondary" });
  button.dataset.tourCell = cell;
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

/** Runs every half minute. */
function beat() {
  const { state } = now;
  if (!state || state.done?.shown) return;
  if (Date.now() - (state.server?.asked ?? 0) > ASK_AGAIN) askServer();
  if (state.done) return;
  askAgain();
  stops?.askForStops();
  if (state.current) change(underWay);
  draw();
}

// --- what all phones logged ------------------------------------------------------------------------------------------

async function askServer() {
  const answer = await counts.ask();
  if (!answer) return;
  if (answer.words) showWords(answer.words);
  if (answer.ended && !now.state.done) await endedElsewhere(answer.ended);
  await countAgain();
}

/** The queue changed. If reports of the tour arrived, the server knows more. */
async function countAgain() {
  const arrived = await counts.count();
  now.draw();
  if (arrived) await Promise.all([askServer(), stops?.askForStops(true)]);
}

// --- the screen ------------------------------------------------------------------------------------------------------

/** A black screen saves battery on most phones. The choice is stored on this phone. */
function black(yes) {
  const root = document.documentElement;
  if (yes && !root.classList.contains("tour-mode-black")) theme = root.getAttribute("data-bs-theme");
  root.classList.toggle("tour-mode-black", yes);
  if (yes) root.setAttribute("data-bs-theme", "dark");
  else if (theme) root.setAttribute("data-bs-theme", theme);
  part("black").setAttribute("aria-pressed", String(yes));
}

function storedBlack(value) {
  try {
    if (value !== undefined) window.localStorage.setItem("solidarity.tour-mode.black", value ? "1" : "");
    return window.localStorage.getItem("solidarity.tour-mode.black") === "1";
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

// --- start ---------------------------------------------------------------------------------------------------------

const verbs = {
  met, more, nobody, undo, pause, awake, finish, end: review, "over-end": review, back: goOn,
  gave: () => ask("given"), asked: () => ask("asked"),
};
for (const [name, verb] of Object.entries(verbs)) part(name).addEventListener("click", verb);
part("black").addEventListener("click", () => {
  black(storedBlack(!document.documentElement.classList.contains("tour-mode-black")));
});
part("share").addEventListener("click", () => navigator.share({ text: summary().text }).catch(() => {}));
part("more-kinds").addEventListener("click", ({ currentTarget }) => {
  const open = currentTarget.getAttribute("aria-expanded") !== "true";
  currentTarget.setAttribute("aria-expanded", String(open));
  for (const button of page.querySelectorAll("[data-tour-rare]")) button.hidden = !open;
});
page.addEventListener("click", (event) => {
  const { tourKind, tourCell } = event.target.closest("button")?.dataset ?? {};
  if (tourKind && now.asking) choose(tourKind);
  if (tourCell) tick(tourCell);
});
page.addEventListener("input", (event) => { if (event.target.dataset.tourMinutes) correct(event.target); });
part("awake").hidden = !navigator.wakeLock;
/** When people leave the page, held items are sent. If the page has no time, the worker sends them. */
window.addEventListener("pagehide", () => {
  if (!now.state?.current) return;
  navigator.serviceWorker?.controller?.postMessage("send queue");
  release().catch(() => {});
});

/** Load the module of the stops, and cache it for this night: only crews need it. Null without a network at first. */
async function loadStops() {
  const path = page.dataset.stops;
  const loaded = await import(path).catch(() => null);
  const { version } = document.querySelector("[data-app]")?.dataset ?? {};
  if (!loaded || !version || !("caches" in window)) return loaded;
  const files = await caches.open(`solidarity-files-${version}`);
  if (!(await files.match(path))) await files.add(path).catch(() => {});
  return loaded;
}
// “Where can they go?” is loaded when somebody opens it.
document.querySelector("[data-where-to-go]")?.addEventListener("toggle", () => import("../find_help/where-to-go.js"), { once: true });

async function start() {
  now.draw = draw;
  black(storedBlack());
  now.state = await begin();
  if (!now.state) {
    draw();
    return;
  }
  const isOver = Boolean(now.state.done);
  if (now.state.done?.shown) {
    await counts.count();
    draw();
    await forget(now.state.tour.id);
    return;
  }
  if (!isOver) {
    try {
      now.h3 = await import(page.dataset.h3);
    } catch {
      now.h3 = null; // not cached on this phone yet: cells must be ticked
    }
  }
  await counts.count();
  await change(isOver ? () => {} : rescue);
  if (now.ending) review();
  say("");
  if (!isOver) measure();
  if (!isOver && (!now.h3 || !navigator.geolocation)) lost({ code: 1 });
  if (!isOver) {
    stops = await loadStops();
    draw();
    stops?.askForStops();
    window.addEventListener("online", () => stops?.askForStops());
  }
  onChange(countAgain);
  askServer();
  window.addEventListener("online", askServer);
  document.addEventListener("visibilitychange", askServer);
  window.setInterval(beat, 30e3);
}

await start();
page.dataset.ready = "";
