// The end of a tour: the minutes of ticked cells can be corrected; then cells and minutes are queued, and the track
// is deleted.

import { enqueue, pending, store } from "../phone_queue/queue.js";
import { cellOf, change, now, page, part, words } from "./tour-mode-now.js";
import { settle } from "./tour-mode-taps.js";
import { GAP, passesOf } from "./tour-mode-time.js";
import { rest } from "./tour-mode-where.js";

const LONGEST = 18 * 3600e3;
const LEEWAY = 4; // minutes; the server grants one more
const MOST = 500; // passes

/** Return the minutes in a cell: corrected by hand, or the time for which it was ticked. */
export function ticked(cell, at = Date.now()) {
  const { corrected = {}, stays } = now.state;
  const lasted = ({ from, to }) => Math.max(0, Math.min(to ?? at, at) - from);
  return corrected[cell]
    ?? stays.filter((stay) => stay.cell === cell).reduce((sum, stay) => sum + lasted(stay), 0) / 60e3;
}

/** Return the end of the tour: now; or, if nobody ended it in time, shortly after the last movement or tap. */
function endOfTour() {
  const { moved, tour } = now.state;
  return Date.now() - tour.began > LONGEST ? Math.min(moved + GAP, tour.began + LONGEST) : Date.now();
}

/** Return the passes through cells until a time. The last position counts for up to GAP longer, as between two positions. */
function spentUntil(at, most) {
  const { corrected = {}, pausedAt, stays } = now.state;
  const legs = now.state.legs.map((leg) => [...leg]);
  const last = legs.at(-1)?.at(-1);
  if (last && at > last.t && !pausedAt) legs.at(-1).push({ ...last, t: Math.min(at, last.t + GAP) });
  const ticks = stays.filter(({ cell }) => !(cell in corrected))
    .map((stay) => ({ ...stay, to: Math.min(stay.to ?? at, at) }));
  const byHand = Object.entries(corrected).map(([cell, minutes]) => {
    const from = stays.find((stay) => stay.cell === cell)?.from ?? 0;
    return { cell, from, to: from + minutes * 60e3 };
  });
  return passesOf(legs, [...ticks, ...byHand], cellOf, most);
}

const sumOf = (spent) => spent.reduce((sum, { minutes }) => sum + minutes, 0);
const lastedUntil = (at) => Math.max(0, at - now.state.tour.began) / 60e3;

/** Return the reason why the tour cannot end yet, as a sentence; "" if it can. */
function problem() {
  if ([...page.querySelectorAll("[data-tour-minutes]")].some((field) => !valid(field))) return words.least;
  const at = endOfTour();
  const [sum, lasted] = [sumOf(spentUntil(at, Infinity)), lastedUntil(at)];
  const byHand = Object.keys(now.state.corrected ?? {}).length > 0;
  if (!byHand || sum <= lasted + LEEWAY) return "";
  const [minutes, whole] = [Math.round(sum), Math.floor(lasted)];
  return words.tooMany.replace("MINUTES", minutes).replace("LASTED", whole).replace("OVER", minutes - whole);
}

const valid = ({ value, validity }) => !validity.badInput && /^\d{1,4}$/.test(value);
const isCorrected = (cell) => cell in (now.state.corrected ?? {});

/** “End”: show the minutes before the tour is closed. */
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

/** A row for each cell: ticked ones in view, the others folded. */
function rows() {
  const lists = { correct: [], others: [] };
  for (const { cell, name, more } of now.state.tour.cells) {
    const row = part("row").content.firstElementChild.cloneNode(true);
    const field = row.querySelector("input");
    field.dataset.tourMinutes = cell;
    field.id = `minutes-${cell}`;
    row.querySelector("label").htmlFor = field.id;
    row.querySelector("[data-row-name]").textContent = name;
    row.querySelector("[data-row-more]").textContent = more ?? "";
    field.value = String(Math.round(ticked(cell)));
    for (const button of row.querySelectorAll("button")) {
      button.setAttribute("aria-label", `${button.textContent.trim()}: ${name}`);
    }
    const isTicked = now.state.stays.some((stay) => stay.cell === cell) || isCorrected(cell);
    (isTicked ? lists.correct : lists.others).push(row);
  }
  for (const [list, found] of Object.entries(lists)) part(list).replaceChildren(...found);
  part("correct-all").hidden = !lists.correct.length;
  part("correct-more").hidden = !lists.others.length;
}

/** Store the minutes of a cell as typed or stepped. */
export function correct(field) {
  if (!valid(field)) return now.draw();
  const minutes = { [field.dataset.tourMinutes]: Number(field.value) };
  return change(() => { now.state.corrected = { ...now.state.corrected, ...minutes }; });
}

export function drawEnding() {
  for (const field of page.querySelectorAll("[data-tour-minutes]")) {
    const cell = field.dataset.tourMinutes;
    const wrong = !valid(field);
    if (wrong) field.setAttribute("aria-invalid", "true");
    else field.removeAttribute("aria-invalid");
    const isOurs = field !== document.activeElement && !wrong && !isCorrected(cell);
    if (isOurs) field.value = String(Math.round(ticked(cell)));
  }
  const at = endOfTour();
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
    const at = endOfTour();
    await settle();
    const byHand = Object.keys(now.state.corrected ?? {}).length > 0;
    const spent = spentUntil(at, lastedUntil(at) + (byHand ? LEEWAY : 0));
    const longest = new Set([...spent].sort((a, b) => b.minutes - a.minutes).slice(0, MOST));
    const cells = spent.filter((pass) => longest.has(pass))
      .map(({ cell, minutes }) => `${cell}:${minutes.toFixed(1)}`);
    const { tour } = now.state;
    const isOurs = (item) => item.parent === tour.id || item.summary?.tour === tour.id;
    const before = (await pending()).filter(isOurs).map((item) => item.id);
    await enqueue({ kind: "tour-minutes", parent: tour.id, after: before, wall: at, fields: { cells }, summary: {} });
    await over({ at, elsewhere: false });
  }).then(() => { if (now.state.done) rest(); });
}

/** The tour is over: drop the track and the stops. done: {at, elsewhere}; elsewhere: whether another phone ended it. */
async function over(done) {
  const { account, opened, server, tour } = now.state;
  now.state = { account, opened, server, tour: { id: tour.id, began: tour.began }, done };
  now.ending = false;
  await store.note("stops", null);
}

/** Another phone, or the page of the tour, ended it. at: in milliseconds. */
export function endedElsewhere(at) {
  return change(async () => {
    if (now.state.done) return;
    await settle();
    await over({ at, elsewhere: true });
  }).then(rest);
}

const clock = new Intl.DateTimeFormat(document.documentElement.lang === "fr" ? "fr" : "en-GB", {
  hour: "2-digit", minute: "2-digit", hourCycle: "h23",
});

/** Return the summary as {text, isWhole}: numbers only, so that it can be sent to anybody. isWhole: true if the summary
 * comes from the server and includes all phones and forms; false if it contains only what this phone knows. */
export function summary() {
  const { counts, state: { done, server, tour } } = now;
  if (server?.ended && counts?.isFresh && counts.waiting === 0) return { text: server.summary, isWhole: true };
  const from = server?.began ?? tour.began;
  const minutes = Math.max(0, Math.round((done.at - from) / 60e3));
  const times = words.times.replace("FROM", clock.format(from)).replace("UNTIL", clock.format(done.at))
    .replace("MINUTES", String(minutes));
  const numbers = Object.entries(counts?.here ?? {});
  const lines = numbers.map(([name, number]) => words[name].replace("NUMBER", String(number)));
  return { text: [words.title, words.soFar, times, ...lines].join("\n"), isWhole: false };
}
