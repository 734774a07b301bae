// The end of a tour: the minutes of ticked cells can be mended by hand; then cells and minutes are queued, and the track is forgotten.

import { enqueue, pending } from "../phone_queue/queue.js";
import { cellOf, change, now, page, part, words } from "./tour-mode-now.js";
import { settle, totals } from "./tour-mode-taps.js";
import { GAP, minutesByCell } from "./tour-mode-time.js";
import { rest } from "./tour-mode-where.js";

const LONGEST = 18 * 3600e3;
const LEEWAY = 4; // minutes; the server grants one more
const MOST = 500; // cells

/** Minutes in a cell by its ticks, or as somebody mended them. */
export function ticked(cell, at = Date.now()) {
  const { mended = {}, stays } = now.state;
  return mended[cell] ?? stays.filter((stay) => stay.cell === cell).reduce((sum, stay) => sum + Math.max(0, Math.min(stay.to ?? at, at) - stay.from), 0) / 60e3;
}

/** When the tour ends: now, or, if it was forgotten, when the phone last moved or was tapped. */
function moment() {
  const { moved, tour } = now.state;
  return Date.now() - tour.began > LONGEST ? Math.min(moved + GAP, tour.began + LONGEST) : Date.now();
}

/** Minutes by cell until a moment. The last position counts on for a while, as a gap would. */
function spentUntil(at, most) {
  const { mended = {}, pausedAt, stays } = now.state;
  const legs = now.state.legs.map((leg) => [...leg]);
  const last = legs.at(-1)?.at(-1);
  if (last && at > last.t && !pausedAt) legs.at(-1).push({ ...last, t: Math.min(at, last.t + GAP) });
  const kept = stays.filter(({ cell }) => !(cell in mended)).map((stay) => ({ ...stay, to: Math.min(stay.to ?? at, at) }));
  const byHand = Object.entries(mended).map(([cell, minutes]) => ({ cell, from: 0, to: minutes * 60e3 }));
  return minutesByCell(legs, [...kept, ...byHand], cellOf, most);
}

const sumOf = (spent) => [...spent.values()].reduce((sum, each) => sum + each, 0);
const lastedUntil = (at) => Math.max(0, at - now.state.tour.began) / 60e3;

/** What keeps the tour from ending, in words; "" when nothing does. */
function problem() {
  if ([...page.querySelectorAll("[data-walk-minutes]")].some((field) => !valid(field))) return words.least;
  const at = moment();
  const [sum, lasted] = [sumOf(spentUntil(at, Infinity)), lastedUntil(at)];
  const byHand = Object.keys(now.state.mended ?? {}).length > 0;
  if (!byHand || sum <= lasted + LEEWAY) return "";
  return words.tooMany.replace("MINUTES", Math.round(sum)).replace("LASTED", Math.floor(lasted)).replace("OVER", Math.round(sum) - Math.floor(lasted));
}

const valid = ({ value, validity }) => !validity.badInput && /^\d{1,4}$/.test(value);

/** “End”: what the tour will say, before it says it. */
export function review() {
  now.ending = true;
  rows();
  now.draw();
  window.scrollTo(0, 0);
  part("ending").querySelector("h1").focus();
}

export function goOn() {
  now.ending = false;
  now.draw();
}

/** A row for each cell: those that were ticked in sight, the others folded. */
function rows() {
  const lists = { mend: [], others: [] };
  for (const { cell, name, more } of now.state.tour.cells) {
    const row = part("row").content.firstElementChild.cloneNode(true);
    const field = row.querySelector("input");
    field.dataset.walkMinutes = cell;
    field.id = `minutes-${cell}`;
    row.querySelector("label").htmlFor = field.id;
    row.querySelector("[data-row-name]").textContent = name;
    row.querySelector("[data-row-more]").textContent = more ?? "";
    field.value = String(Math.round(ticked(cell)));
    for (const button of row.querySelectorAll("button")) button.setAttribute("aria-label", `${button.textContent.trim()}: ${name}`);
    (now.state.stays.some((stay) => stay.cell === cell) || cell in (now.state.mended ?? {}) ? lists.mend : lists.others).push(row);
  }
  for (const [list, found] of Object.entries(lists)) part(list).replaceChildren(...found);
  part("mend-all").hidden = !lists.mend.length;
  part("mend-more").hidden = !lists.others.length;
}

/** Somebody typed or stepped the minutes of a cell. */
export function mend(field) {
  if (!valid(field)) return now.draw();
  return change(() => { now.state.mended = { ...now.state.mended, [field.dataset.walkMinutes]: Number(field.value) }; });
}

export function drawEnding() {
  for (const field of page.querySelectorAll("[data-walk-minutes]")) {
    const cell = field.dataset.walkMinutes;
    const wrong = !valid(field);
    if (wrong) field.setAttribute("aria-invalid", "true");
    else field.removeAttribute("aria-invalid");
    if (field !== document.activeElement && !wrong && !(cell in (now.state.mended ?? {}))) field.value = String(Math.round(ticked(cell)));
  }
  const at = moment();
  const sum = Math.round(sumOf(spentUntil(at, Infinity)));
  const byTicks = now.state.tour.cells.reduce((all, { cell }) => all + ticked(cell, at), 0);
  const measured = Math.round(sum - byTicks);
  const lines = [words.sum.replace("MINUTES", sum).replace("LASTED", Math.round(lastedUntil(at)))];
  if (measured > 0 && byTicks > 0) lines.push(words.measured.replace("NUMBER", measured));
  part("sum").textContent = lines.join(" ");
  const said = problem();
  part("wrong").hidden = !said;
  if (part("wrong").textContent !== said) part("wrong").textContent = said;
}

export function finish() {
  if (problem()) {
    now.draw();
    part("wrong").scrollIntoView({ block: "center" });
    return Promise.resolve();
  }
  return change(async () => {
    const at = moment();
    await settle();
    const byHand = Object.keys(now.state.mended ?? {}).length > 0;
    const spent = spentUntil(at, lastedUntil(at) + (byHand ? LEEWAY : 0));
    const cells = [...spent].sort((a, b) => b[1] - a[1]).slice(0, MOST).map(([cell, minutes]) => `${cell}:${minutes.toFixed(1)}`);
    const { account, tour } = now.state;
    const before = (await pending()).filter((item) => item.parent === tour.id).map((item) => item.id);
    await enqueue({ kind: "tour-walked", parent: tour.id, after: before, wall: at, fields: { cells }, summary: {} });
    now.state = { account, tour: { id: tour.id }, done: summary(Math.round(sumOf(spent))) }; // the track is forgotten
    now.ending = false;
  }).then(() => { if (now.state.done) rest(); });
}

/** Numbers only: it may be sent to anybody. */
function summary(minutes) {
  const lines = Object.entries({ ...totals(), minutes }).map(([name, number]) => words[name].replace("NUMBER", String(number)));
  return [words.title, ...lines].join("\n");
}
