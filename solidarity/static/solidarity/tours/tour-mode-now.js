// The tour under way, as the modules of tour mode share it. It stands in a database of its own on this phone ("solidarity-walk"),
// so that a killed tab loses nothing; it is emptied when the tour ends.

import { account, store } from "../phone_queue/queue.js";

export const page = document.querySelector("[data-walk]");
export const part = (name) => page.querySelector(`[data-walk-${name}]`);
export const words = JSON.parse(document.getElementById("walk-words").textContent);
export const say = (text) => { part("said").textContent = text; };

/** state: null without a tour. asking: "given" or "asked", what the row of categories fills in. ending: about to end. */
export const now = { state: null, h3: null, asking: null, ending: false, draw: () => {} };
export const cellOf = (lat, lng) => now.h3.latLngToCell(lat, lng, 9);

const database = idb.openDB("solidarity-walk", 1, { upgrade: (db) => db.createObjectStore("walk") });
let chain = Promise.resolve();

/** One change after the other, each on disk before the next; says so when there is no room. */
export function change(work) {
  chain = chain.then(async () => {
    const before = structuredClone(now.state);
    try {
      await work();
      await (await database).put("walk", now.state, "now");
    } catch (error) {
      now.state = before;
      if (error?.name !== "QueueFull" && error?.name !== "QuotaExceededError") throw error;
      say(words.full);
    }
    now.draw();
  }).catch((error) => { console.error(error.name); });
  return chain;
}

export async function forget() {
  await (await database).clear("walk");
}

const read = (id) => JSON.parse(document.getElementById(id).textContent);
const DAY = 24 * 3600e3;

/** The tour of this page: the one that the address names, that was walked last, that this phone began, or that the server knows. */
export async function begin() {
  const kept = await (await database).get("walk", "now");
  const mine = kept && kept.account === account() ? kept : null;
  if (kept && !mine) await forget(); // somebody else's way
  const wanted = window.location.hash.slice(1);
  const { begun, ended } = await onThisPhone();
  const known = read("walk-tours");
  const tours = [...begun.filter(({ id }) => !known.some((tour) => tour.id === id)), ...known].filter((tour) => !ended.has(tour.id));
  const named = tours.find((tour) => tour.id === wanted);
  if (mine && (mine.done || !ended.has(mine.tour.id)) && (!wanted || wanted === mine.tour.id || !named)) return mine;
  const tour = named ?? tours[0];
  return tour ? { account: account(), tour, opened: Date.now(), legs: [], stays: [], mended: {}, pausedAt: null, cell: null, current: null, taps: [], manual: false, moved: Date.now() } : null;
}

/** Tours that were begun and ended on this phone, waiting to be sent, or sent after this page was made: a page that was kept
 *  for the night knows nothing of them. */
async function onThisPhone() {
  const mine = (item) => item.account === account();
  const made = read("walk-made") - ((await store.recall("contact"))?.offset ?? 0);
  const waiting = (await store.all()).filter(mine);
  const sent = (await store.arrived()).filter((item) => mine(item) && item.at > made && item.at > Date.now() - DAY);
  const every = [...waiting, ...sent];
  const ended = new Set(every.filter(({ kind }) => ["tour-stop", "tour-walked"].includes(kind)).map(({ parent }) => parent));
  const begun = every.filter(({ kind }) => kind === "tour-start").map((item) => ({ id: item.id, began: beganAt(item), ends: null, note: "", cells: read("walk-usual") }));
  return { begun: begun.sort((a, b) => b.began - a.began), ended };
}

/** “Earlier” is a date and a time as somebody typed them. */
function beganAt({ body, wall, at }) {
  const fields = body ? JSON.parse(body).fields : {};
  const typed = [fields.when].flat()[0] === "earlier" ? Date.parse([fields.at].flat()[0]) : NaN;
  return Number.isFinite(typed) ? Math.min(typed, wall) : wall ?? at;
}
