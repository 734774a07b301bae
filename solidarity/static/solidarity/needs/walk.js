// Tour mode. The track, the ticks and the taps of the tour under way stand in a database of their own on this phone
// ("solidarity-walk"), so that a killed tab loses nothing; it is emptied when the tour ends. Only cells and minutes are queued.

import { account, enqueue, newId, pending, store } from "../outbox/queue.js";
import { GAP, extend, minutesByCell } from "./walk-time.js";

const FOUR_HOURS = 4 * 3600e3;
const LONGEST = 18 * 3600e3;
const SETTLED = 3 * 60e3; // an encounter that nobody adds to for so long is sent
const VAGUE = 250; // metres
const LOCK = "solidarity.outbox";

const page = document.querySelector("[data-walk]");
const part = (name) => page.querySelector(`[data-walk-${name}]`);
const read = (id) => JSON.parse(document.getElementById(id).textContent);
const words = read("walk-words");
const say = (text) => { part("said").textContent = text; };

let h3 = null;
let state = null;
let watch = null;
let lock = null;
let asking = null; // "given" or "asked": what the row of categories fills in
let chain = Promise.resolve();

const cellOf = (lat, lng) => h3.latLngToCell(lat, lng, 9);
const database = idb.openDB("solidarity-walk", 1, { upgrade: (db) => db.createObjectStore("walk") });

async function save() {
  await (await database).put("walk", state, "now");
}

/** One change after the other, each on disk before the next; says so when there is no room. */
function change(work) {
  chain = chain.then(async () => {
    const before = structuredClone(state);
    try {
      await work();
      await save();
    } catch (error) {
      state = before;
      if (error?.name !== "QueueFull" && error?.name !== "QuotaExceededError") throw error;
      say(words.full);
    }
    draw();
  }).catch((error) => { console.error(error.name); });
  return chain;
}

// --- which tour ------------------------------------------------------------------------------------------------------

/** The tour of this page: the one that the address names, that was walked last, that the server knows, or that waits here. */
async function begin() {
  const kept = await (await database).get("walk", "now");
  const mine = kept && kept.account === account() ? kept : null;
  if (kept && !mine) await (await database).clear("walk"); // somebody else's way
  const wanted = window.location.hash.slice(1);
  const waiting = (await pending()).filter((item) => item.account === account());
  const ended = new Set(waiting.filter((item) => ["tour-stop", "tour-walked"].includes(item.kind)).map((item) => item.parent));
  const begun = waiting.filter((item) => item.kind === "tour-start").map((item) => ({ id: item.id, began: item.wall, ends: null, cells: read("walk-usual") }));
  const tours = [...read("walk-tours"), ...begun].filter((tour) => !ended.has(tour.id));
  const named = tours.find((tour) => tour.id === wanted);
  if (mine && (!wanted || wanted === mine.tour.id || !named)) return mine;
  const tour = named ?? tours[0];
  return tour ? { account: account(), tour, opened: Date.now(), legs: [], stays: [], pausedAt: null, cell: null, current: null, taps: [], manual: false, moved: Date.now() } : null;
}

// --- where -----------------------------------------------------------------------------------------------------------

function measure() {
  if (watch !== null || !navigator.geolocation || !h3 || state.pausedAt || state.manual) return;
  part("state").textContent = words.looking;
  // Low power: coarse positions are enough for cells of 350 m, and old ones are taken as they are.
  watch = navigator.geolocation.watchPosition(found, lost, { enableHighAccuracy: false, maximumAge: 30e3, timeout: 60e3 });
}

function rest() {
  if (watch !== null) navigator.geolocation.clearWatch(watch);
  watch = null;
}

function found({ coords }) {
  if (coords.accuracy > VAGUE) {
    part("state").textContent = words.coarse;
    return;
  }
  change(() => {
    if (state.pausedAt || state.manual) return;
    const point = { t: Date.now(), lat: coords.latitude, lng: coords.longitude };
    extend(state.legs, point, cellOf);
    state.cell = cellOf(point.lat, point.lng);
    state.moved = point.t;
  });
  part("state").textContent = words.on;
}

function lost({ code }) {
  if (code === 3) return; // it goes on looking
  part("state").textContent = words.off;
  part("cells").open = true;
  if (code === 1) rest();
}

/** Every half minute: a phone that stands still hears nothing of the watch, so it is asked. */
function beat() {
  if (!state || state.done) return;
  const last = state.legs.at(-1)?.at(-1);
  if (watch !== null && document.visibilityState === "visible" && last && Date.now() - last.t > 60e3) {
    navigator.geolocation.getCurrentPosition(found, () => {}, { enableHighAccuracy: false, maximumAge: 30e3, timeout: 20e3 });
  }
  if (state.current && Date.now() - state.current.touched > SETTLED) change(settle);
  draw();
}

function closeStay() {
  const stay = state.stays.at(-1);
  if (stay && stay.to === null) stay.to = Math.max(Date.now(), stay.from);
}

/** “I am here”: time runs for this cell until another is ticked; ticked again, the device's position counts again. */
function tick(cell) {
  return change(() => {
    const off = state.manual && state.cell === cell;
    closeStay();
    state.manual = !off;
    state.cell = off ? null : cell;
    state.moved = Date.now();
    if (state.legs.at(-1)?.length) state.legs.push([]);
    if (!off && !state.pausedAt) state.stays.push({ cell, from: Date.now(), to: null });
  }).then(() => { if (state.manual) rest(); else measure(); });
}

function pause() {
  return change(() => {
    if (state.pausedAt) {
      state.pausedAt = null;
      if (state.manual) state.stays.push({ cell: state.cell, from: Date.now(), to: null });
    } else {
      closeStay();
      if (state.legs.at(-1)?.length) state.legs.push([]);
      state.pausedAt = Date.now();
    }
  }).then(() => { if (state.pausedAt) rest(); else measure(); });
}

// --- taps ------------------------------------------------------------------------------------------------------------

function fieldsOf({ cell, persons, asked, given }) {
  return { tour: state.tour.id, cell, persons: String(persons), asked, given };
}

/** Queue the encounter that was still being added to. */
async function settle() {
  const { current } = state;
  if (!current) return;
  await enqueue({ kind: "tour-tap", id: current.id, wall: current.at, parent: state.tour.id, fields: fieldsOf(current), summary: { persons: current.persons } });
  state.current = null;
}

function count(entry) {
  state.taps.push(entry);
  state.moved = Date.now();
}

async function meet() {
  await settle();
  const id = newId();
  state.current = { id, cell: state.cell, persons: 1, asked: [], given: [], at: Date.now(), touched: Date.now() };
  count({ what: "met", id, persons: 1, given: false });
}

function where() {
  if (state.cell) return true;
  say(words.where);
  part("cells").open = true;
  return false;
}

const tapOf = (id) => state.taps.find((tap) => tap.id === id);

function met() {
  return change(async () => {
    if (!where()) return;
    await meet();
    say(words.met.replace("NUMBER", "1"));
  });
}

function more() {
  return change(async () => {
    if (!where()) return;
    if (!state.current) await meet();
    else {
      state.current.persons += 1;
      state.current.touched = Date.now();
      tapOf(state.current.id).persons = state.current.persons;
    }
    say(words.met.replace("NUMBER", String(state.current.persons)));
  });
}

function nobody() {
  return change(async () => {
    if (!where()) return;
    await settle();
    const id = newId();
    await enqueue({ kind: "tour-tap", id, parent: state.tour.id, fields: fieldsOf({ cell: state.cell, persons: 0, asked: [], given: [] }), summary: { persons: 0 } });
    count({ what: "nobody", id, persons: 0, given: false });
    asking = null;
    say(words.nobody);
  });
}

function ask(what) {
  return change(async () => {
    if (!where()) return;
    if (!state.current) await meet();
    asking = asking === what ? null : what;
  });
}

function choose(kind) {
  return change(async () => {
    if (!state.current) await meet();
    const list = state.current[asking];
    if (list.includes(kind)) list.splice(list.indexOf(kind), 1);
    else list.push(kind);
    state.current.touched = Date.now();
    tapOf(state.current.id).given = state.current.given.length > 0;
  });
}

/** Take a tap out of the queue when nothing of it can have left; while something is being sent, it cannot be known. */
async function unqueued(id) {
  const out = async (free) => {
    const item = free ? await store.find(id) : null;
    if (!item || !(item.state === "refused" || (item.state === "queued" && item.tries === 0))) return false;
    await store.remove(id);
    document.dispatchEvent(new Event("outbox:send"));
    return true;
  };
  if (!navigator.locks) return false;
  return navigator.locks.request(LOCK, { ifAvailable: true }, out);
}

function undo() {
  return change(async () => {
    const tap = state.taps.at(-1);
    if (!tap) return say(words.nothing);
    const current = state.current;
    if (current?.id === tap.id && (current.persons > 1 || current.given.length || current.asked.length)) {
      if (current.given.length) current.given.pop();
      else if (current.asked.length) current.asked.pop();
      else current.persons -= 1;
      Object.assign(tap, { persons: current.persons, given: current.given.length > 0 });
    } else {
      if (current?.id === tap.id) state.current = null;
      else if (!(await unqueued(tap.id))) await enqueue({ kind: "take-back", parent: tap.id, after: [tap.id], fields: {} });
      state.taps.pop();
      asking = null;
    }
    say(words.undone);
  });
}

// --- the end ---------------------------------------------------------------------------------------------------------

/** Minutes by cell until a moment. The last position counts on for a while, as a gap would. */
function spentUntil(now) {
  const legs = state.legs.map((leg) => [...leg]);
  const last = legs.at(-1)?.at(-1);
  if (last && now > last.t && !state.pausedAt) legs.at(-1).push({ ...last, t: Math.min(now, last.t + GAP) });
  const stays = state.stays.map((stay) => ({ ...stay, to: Math.min(stay.to ?? now, now) }));
  return minutesByCell(legs, stays, cellOf, Math.max(0, now - state.tour.began) / 60e3);
}

function end() {
  return change(async () => {
    // A tour that was forgotten ended when the phone last moved or was tapped.
    const late = Date.now() - state.tour.began > LONGEST;
    const now = late ? Math.min(state.moved + GAP, state.tour.began + LONGEST) : Date.now();
    closeStay();
    await settle();
    const spent = spentUntil(now);
    const cells = [...spent].sort((a, b) => b[1] - a[1]).slice(0, 500).map(([cell, minutes]) => `${cell}:${minutes.toFixed(1)}`);
    const before = (await pending()).filter((item) => item.parent === state.tour.id).map((item) => item.id);
    await enqueue({ kind: "tour-walked", parent: state.tour.id, after: before, wall: now, fields: { cells }, summary: {} });
    const minutes = Math.round([...spent.values()].reduce((sum, each) => sum + each, 0));
    const done = { account: state.account, tour: { id: state.tour.id }, done: summary(minutes) };
    state = done; // the track is forgotten
  }).then(() => { if (state.done) rest(); });
}

function totals() {
  const { taps } = state;
  return {
    persons: taps.reduce((sum, tap) => sum + tap.persons, 0),
    encounters: taps.filter((tap) => tap.what === "met").length,
    looked: taps.filter((tap) => tap.what === "nobody").length,
    given: taps.filter((tap) => tap.given).length,
  };
}

function summary(minutes) {
  const lines = Object.entries({ ...totals(), minutes }).map(([name, number]) => words[name].replace("NUMBER", String(number)));
  return [words.title, ...lines].join("\n");
}

// --- drawing ---------------------------------------------------------------------------------------------------------

const title = document.title;
let reminded = false;

function draw() {
  const done = Boolean(state?.done);
  part("none").hidden = Boolean(state);
  part("on").hidden = !state || done;
  part("done").hidden = !done;
  if (done) {
    part("summary").textContent = state.done;
    part("done-state").textContent = words.ended;
    part("share").hidden = !navigator.share;
    document.title = title;
    window.scrollTo(0, 0);
  }
  if (!state || done) return;
  const numbers = totals();
  for (const name of ["persons", "looked", "given"]) part(name).textContent = String(numbers[name]);
  const minutes = Math.max(0, Math.floor((Date.now() - state.tour.began) / 60e3));
  part("clock").textContent = `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, "0")}`;
  part("pause").setAttribute("aria-pressed", String(Boolean(state.pausedAt)));
  if (state.pausedAt) part("state").textContent = words.paused;
  const here = state.tour.cells.find(({ cell }) => cell === state.cell);
  if (state.manual && here && !state.pausedAt) part("state").textContent = words.here.replace("NUMBER", here.name);
  part("kinds").hidden = !asking || !state.current;
  if (asking && state.current) {
    part("kinds-title").textContent = asking === "given" ? part("kinds-title").dataset.gave : part("kinds-title").dataset.asked;
    for (const button of page.querySelectorAll("[data-walk-kind]")) button.setAttribute("aria-pressed", String(state.current[asking].includes(button.dataset.walkKind)));
  }
  drawCells();
  remind();
}

function drawCells() {
  const list = part("list");
  const { cells } = state.tour;
  part("cells-none").hidden = cells.length > 0;
  if (list.childElementCount !== cells.length) {
    list.replaceChildren(...cells.map(({ cell, name }) => {
      const row = Object.assign(document.createElement("div"), { className: "walk-row" });
      const button = Object.assign(document.createElement("button"), { type: "button", className: "btn btn-secondary", textContent: name });
      button.dataset.walkCell = cell;
      row.append(button, document.createElement("output"));
      return row;
    }));
  }
  const now = Date.now();
  for (const button of list.querySelectorAll("button")) {
    const cell = button.dataset.walkCell;
    button.setAttribute("aria-pressed", String(state.manual && state.cell === cell));
    const time = state.stays.filter((stay) => stay.cell === cell).reduce((sum, stay) => sum + (stay.to ?? now) - stay.from, 0);
    button.nextElementSibling.textContent = time ? `${Math.round(time / 60e3)} min` : "";
  }
}

function remind() {
  const over = Date.now() > (state.tour.ends ?? state.tour.began + FOUR_HOURS);
  part("over").hidden = !over;
  document.title = over ? `⏰ ${words.over} · ${title}` : title;
  if (over && !reminded) navigator.vibrate?.([400, 200, 400]);
  reminded = over;
}

/** Black saves the battery of most screens. Kept on this phone. */
function black(yes) {
  document.documentElement.classList.toggle("walk-black", yes);
  if (yes) document.documentElement.setAttribute("data-bs-theme", "dark");
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

const verbs = { met, more, nobody, undo, pause, end, awake, gave: () => ask("given"), asked: () => ask("asked") };
for (const [name, verb] of Object.entries(verbs)) part(name).addEventListener("click", verb);
part("black").addEventListener("click", () => black(keptBlack(!document.documentElement.classList.contains("walk-black"))));
part("share").addEventListener("click", () => navigator.share({ text: state.done }).catch(() => {}));
page.addEventListener("click", (event) => {
  const { walkKind, walkCell } = event.target.closest("button")?.dataset ?? {};
  if (walkKind && asking) choose(walkKind);
  if (walkCell) tick(walkCell);
});
part("awake").hidden = !navigator.wakeLock;
black(keptBlack());
state = await begin();
if (state?.done) {
  draw();
  await (await database).clear("walk");
} else if (state) {
  try {
    h3 = await import(page.dataset.h3);
  } catch {
    h3 = null; // not kept on this phone yet: cells are ticked
  }
  await change(() => {});
  measure();
  if (!h3 || !navigator.geolocation) lost({ code: 1 });
  window.setInterval(beat, 30e3);
} else draw();
