// The tour under way, shared by the modules of tour mode. It is stored in its own database on the phone
// ("solidarity-tour-mode"), so that a closed tab loses nothing.
// The database is emptied when the tour ends.

import { account, store } from "../phone_queue/queue.js";

export const page = document.querySelector("[data-tour-mode]");
export const part = (name) => page.querySelector(`[data-tour-${name}]`);
export const words = JSON.parse(document.getElementById("tour-mode-words").textContent);
export const say = (text) => { part("said").textContent = text; };

/** state: null without a tour. asking: "given" or "asked", the list that the categories are added to. ending: whether
 *  the page “End the tour?” is open. */
export const now = { state: null, h3: null, asking: null, ending: false, draw: () => {} };
export const cellOf = (lat, lng) => now.h3.latLngToCell(lat, lng, 9);

const database = idb.openDB("solidarity-tour-mode", 1, { upgrade: (db) => db.createObjectStore("tour") });
let chain = Promise.resolve();

/** Apply changes one after the other, each stored before the next. Shows a message when there is no room. */
export function change(work) {
  chain = chain.then(async () => {
    const before = structuredClone(now.state);
    try {
      await work();
      await (await database).put("tour", now.state, "now");
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
  await (await database).clear("tour");
}

function newState(tour) {
  return {
    account: account(), tour, opened: Date.now(), legs: [], stays: [], corrected: {}, pausedAt: null, cell: null,
    current: null, taps: [], manual: false, moved: Date.now(),
  };
}

const read = (id) => JSON.parse(document.getElementById(id).textContent);
const DAY = 24 * 3600e3;

/** Return the tour of this page: the one named in the URL, else the last one under way on this phone, else one started
 *  here, else one known to the server. */
export async function begin() {
  const stored = await (await database).get("tour", "now");
  const mine = stored && stored.account === account() ? stored : null;
  if (stored && !mine) await forget(); // the track of another account
  const wanted = window.location.hash.slice(1);
  const { begun, ended } = await onThisPhone();
  const known = read("tour-mode-tours");
  const onlyHere = begun.filter(({ id }) => !known.some((tour) => tour.id === id));
  const tours = [...onlyHere, ...known].filter((tour) => !ended.has(tour.id));
  const named = tours.find((tour) => tour.id === wanted);
  if (mine && (mine.done || !ended.has(mine.tour.id)) && (!wanted || wanted === mine.tour.id || !named)) return mine;
  const tour = named ?? tours[0];
  return tour ? newState(tour) : null;
}

/** Return tours that were started or ended on this phone and that a cached page does not know: they wait in the queue,
 *  or were sent after the page was made. */
async function onThisPhone() {
  const mine = (item) => item.account === account();
  const made = read("tour-mode-made") - ((await store.recall("contact"))?.offset ?? 0);
  const waiting = (await store.all()).filter(mine);
  const sent = (await store.arrived()).filter((item) => mine(item) && item.at > made && item.at > Date.now() - DAY);
  const every = [...waiting, ...sent];
  const ends = every.filter(({ kind }) => ["tour-stop", "tour-minutes"].includes(kind));
  const ended = new Set(ends.map(({ parent }) => parent));
  const cells = read("tour-mode-usual");
  const begun = every.filter(({ kind }) => kind === "tour-start")
    .map((item) => ({ id: item.id, began: beganAt(item), ends: null, note: "", cells }));
  return { begun: begun.sort((a, b) => b.began - a.began), ended };
}

/** Return the start of a tour: the typed time for “earlier”, else the time when the item was queued. */
function beganAt({ body, wall, at }) {
  const fields = body ? JSON.parse(body).fields : {};
  const typed = [fields.when].flat()[0] === "earlier" ? Date.parse([fields.at].flat()[0]) : NaN;
  return Number.isFinite(typed) ? Math.min(typed, wall) : wall ?? at;
}
