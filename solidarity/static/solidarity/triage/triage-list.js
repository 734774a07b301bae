// The dispatchers' list: asks for new reports, shows them without reloading, keeps table and map in step. The list
// works without it.

import { poll } from "../poll.js";
import { openTriageMap } from "./triage-map.js";

const EVERY = 20e3;
const MINUTE = 60e3;

const news = document.querySelector("[data-news]");
const words = news.querySelector("[data-news-words]");
const show = news.querySelector("[data-news-show]");
const sides = document.querySelector("[data-sides]");
const find = document.querySelector("[data-find]");
const target = document.querySelector("[data-triage-map]");
const wide = window.matchMedia("(min-width: 62rem)");
const region = (name, page = document) => page.querySelector(`[data-swap="${name}"]`);
let map = null;

// --- new reports ---

function say(text, button) {
  if (words.textContent !== text) words.textContent = text;
  show.hidden = !button;
}

function tell(count) {
  const { one, many, changed } = news.dataset;
  say(count === 0 ? changed : count === 1 ? one : many.replace("NUMBER", String(count)), true);
}

/** Ask whether the list has changed since it was read. Without network, the line of the danger alarms says so. */
poll({
  address() {
    const address = new URL(news.dataset.news, window.location.href);
    address.searchParams.set("since", region("rows").dataset.since);
    return address;
  },
  etag: () => region("rows").dataset.etag,
  every: EVERY,
  async changed(answer) {
    const { new: count } = await answer.json();
    tell(count);
    if (!document.querySelector("[data-row]")) await reread(); // nothing is being read
  },
  same: () => say("", false),
});

/** Return the page as the server shows it now; null without a network. */
async function read() {
  const how = { credentials: "same-origin", redirect: "error", cache: "no-store" };
  const answer = await fetch(window.location.href, how).catch(() => null);
  return answer?.ok ? new DOMParser().parseFromString(await answer.text(), "text/html") : null;
}

/** Read the page again and replace the list, tabs and map. Selection, focus and scroll position stay. */
async function reread() {
  const page = await read();
  if (!page) return; // no network: the button stays
  const known = new Set([...document.querySelectorAll("[data-row]")].map(({ id }) => id));
  const chosen = new Set([...document.querySelectorAll("input[form=bulk]:checked")].map(({ value }) => value));
  const focused = document.activeElement?.closest("[data-row]")?.id;
  const before = anchor();
  for (const name of ["lane", "tabs", "rows"]) region(name).replaceWith(document.adoptNode(region(name, page)));
  const cells = document.getElementById("triage-cells");
  cells.textContent = page.getElementById("triage-cells").textContent;
  for (const box of document.querySelectorAll("input[form=bulk]")) if (chosen.has(box.value)) box.checked = true;
  for (const row of document.querySelectorAll("[data-row]")) row.toggleAttribute("data-fresh", !known.has(row.id));
  if (focused) document.getElementById(focused)?.querySelector("[data-row-link]")?.focus({ preventScroll: true });
  if (before) keepAt(document.getElementById(before.id), before.top);
  document.dispatchEvent(new Event("solidarity:rows"));
  map?.draw(data());
  say(news.dataset.done, false);
}

/**
 * The first row in view and its position on the screen. Null at the top of the page, where new rows may push the others
 * down.
 */
function anchor() {
  if (window.scrollY < 80) return null;
  const row = [...document.querySelectorAll("[data-row]")].find((each) => each.getBoundingClientRect().bottom > 0);
  return row ? { id: row.id, top: row.getBoundingClientRect().top } : null;
}

show.addEventListener("click", reread);

// --- alarms: shown at once, and nothing moves under the mouse ---

let pointer = null;

document.addEventListener("pointermove", ({ clientX, clientY, pointerType }) => {
  pointer = pointerType === "mouse" ? [clientX, clientY] : null;
});
document.documentElement.addEventListener("pointerleave", () => { pointer = null; });

/** Scroll until a part of the page is at its earlier height again. A short page gets room below for it. */
function keepAt(part, top) {
  const by = part ? Math.round(part.getBoundingClientRect().top - top) : 0;
  const room = document.documentElement.scrollHeight - window.innerHeight - window.scrollY;
  if (by > room) sides.style.marginBlockEnd = `${parseFloat(getComputedStyle(sides).marginBlockEnd) + by - room}px`;
  if (by) window.scrollBy({ top: by, behavior: "instant" });
}

/** Return what must not move: the row under the mouse, another part under it, or the first row in view. */
function held() {
  const under = pointer && document.elementFromPoint(...pointer);
  const part = under?.closest("[data-row]")
    ?? under?.closest(".danger-row, [data-swap=tabs], .triage-tools, .triage-sides__list, .triage-head");
  if (part && !part.matches(".triage-head")) return part;
  const touch = window.matchMedia("(hover: none)").matches;
  return touch || window.scrollY >= 80
    ? [...document.querySelectorAll("[data-row]")].find((each) => each.getBoundingClientRect().bottom > 0) : null;
}

/**
 * Put the rows of new alarms on top of the list, and take the look of an alarm from those that somebody answered. All
 * other rows stay as they are until “Show”.
 */
async function showAlarms() {
  const page = await read();
  const table = document.querySelector(".triage-table");
  if (!page) return;
  if (!table) return void await reread();
  const part = held();
  const top = part?.getBoundingClientRect().top;
  const isAlarm = (row) => row.classList.contains("triage-row--alarm");
  const fresh = [];
  for (const row of page.querySelectorAll("[data-row]")) {
    const old = document.getElementById(row.id);
    if (old && isAlarm(old) !== isAlarm(row) && old !== part) {
      row.querySelector("input[form=bulk]").checked = old.querySelector("input[form=bulk]").checked;
      old.replaceWith(document.adoptNode(row));
    } else if (!old && isAlarm(row)) {
      row.toggleAttribute("data-fresh", true);
      fresh.push(document.adoptNode(row));
    }
  }
  table.tHead.after(...fresh);
  if (!part?.matches(".danger-row")) region("lane").replaceWith(document.adoptNode(region("lane", page)));
  if (part) keepAt(part, top);
  document.dispatchEvent(new Event("solidarity:rows"));
}

document.addEventListener("solidarity:alarms", showAlarms);
document.addEventListener("solidarity:show-alarms", (event) => {
  const first = document.querySelector(".triage-row--alarm, .danger-row--waits");
  if (!first) return; // the page is loaded again
  event.preventDefault();
  first.scrollIntoView({ block: "center" });
  first.querySelector("a[href]").focus({ preventScroll: true });
});

// --- ages ---

const units = [[48 * 60, 24 * 60, "day"], [60, 60, "hour"], [0, 1, "minute"]];

function age() {
  for (const time of document.querySelectorAll("time[data-age]")) {
    const minutes = Math.max(0, (Date.now() - new Date(time.dateTime)) / MINUTE);
    const [, size, unit] = units.find(([least]) => minutes >= least);
    const style = { style: "unit", unit, unitDisplay: "short" };
    time.textContent = new Intl.NumberFormat(document.documentElement.lang, style).format(Math.floor(minutes / size));
  }
}

window.setInterval(age, MINUTE);

// --- table and map in step ---

function data() {
  return JSON.parse(document.getElementById("triage-cells").textContent);
}

function rowOf(event) {
  return event.target instanceof Element ? event.target.closest("[data-row]") : null;
}

for (const kind of ["mouseover", "focusin"]) {
  document.addEventListener(kind, (event) => map?.mark(rowOf(event)?.dataset.cell ?? ""));
}

/** Show the rows of a cell. If they are on another page of the list, filter by the cell. */
function pick(cell, box) {
  const rows = [...document.querySelectorAll("[data-row]")];
  const own = rows.filter((row) => row.dataset.cell === cell);
  for (const row of rows) row.toggleAttribute("data-picked", own.includes(row));
  if (!own.length) return filter(box);
  own[0].scrollIntoView({ block: "nearest" });
  own[0].querySelector("[data-row-link]").focus({ preventScroll: true });
  return undefined;
}

/** Filter the list by a box: west, south, east, north. The form sends it in its body, so no URL contains it. */
function filter(box) {
  find.elements.namedItem("box").value = box.map((side) => side.toFixed(6)).join(",");
  find.requestSubmit();
}

// --- the filter's panel ---

const panel = document.getElementById("filter");

document.addEventListener("keydown", ({ key }) => {
  if (key !== "Escape" || !panel.open) return;
  panel.open = false;
  panel.querySelector("summary").focus();
});
document.addEventListener("click", ({ target: on }) => {
  if (on instanceof Element && !panel.contains(on)) panel.open = false;
});

// --- opening the map ---

async function openMap() {
  if (map || target.dataset.opened) return;
  target.dataset.opened = "1";
  map = await openTriageMap(target, { data: data(), box: find.elements.namedItem("box").value, pick, filter });
}

document.querySelector("[data-show-map]").addEventListener("click", ({ currentTarget }) => {
  const on = sides.toggleAttribute("data-map-open");
  currentTarget.setAttribute("aria-pressed", String(on));
  if (on) openMap().then(() => map?.resize());
});
wide.addEventListener("change", () => { if (wide.matches) openMap(); });
if (wide.matches) openMap();
