// The tour under way, shared by the modules of tour mode and by all tabs. Its track, ticks and undo list are stored in
// a database of their own ("solidarity-tour-mode"), so that a closed tab loses nothing; encounters are in the phone
// queue from their first tap. A tour is deleted from the database when it ends.

import { account } from "../phone_queue/queue.js";
import { toursHere } from "./tours-here.js";

export const page = document.querySelector("[data-tour-mode]");
export const part = (name) => page.querySelector(`[data-tour-${name}]`);
export const words = JSON.parse(document.getElementById("tour-mode-words").textContent);
export const say = (text) => { part("said").textContent = text; };

/** state: null without a tour. counts: see tour-mode-counts.js. asking: "given" or "asked", the list to which tapped
 * categories are added. ending: whether the page “End the tour?” is open. */
export const now = { state: null, h3: null, counts: null, asking: null, ending: false, draw: () => {} };
export const cellOf = (lat, lng) => now.h3.latLngToCell(lat, lng, 9);

// "tour": each tour's state by its id; "now" is the id of the tour that was open last.
const NAME = "solidarity-tour-mode";
const LATEST = "now";
const KEPT = 24 * 3600e3;
const database = idb.openDB(NAME, 1, { upgrade: (db) => db.createObjectStore("tour") });
const channel = "BroadcastChannel" in window ? new BroadcastChannel(NAME) : null;
let chain = Promise.resolve();

/** Run changes of the shared state one after the other, across all tabs. */
function alone(work) {
  return navigator.locks ? navigator.locks.request(NAME, work) : work();
}

async function save(state) {
  const db = await database;
  await db.put("tour", state, state.tour.id);
  await db.put("tour", state.tour.id, LATEST);
  channel?.postMessage(state.tour.id);
}

/** Apply changes one after the other, each stored before the next. Shows a message when there is no room. */
export function change(work) {
  chain = chain.then(() => alone(async () => {
    now.state = (await saved(now.state.tour.id)) ?? now.state; // another tab may have changed it
    const before = structuredClone(now.state);
    try {
      await work();
      await save(now.state);
    } catch (error) {
      now.state = before;
      if (error?.name !== "QueueFull" && error?.name !== "QuotaExceededError") throw error;
      say(words.full);
    }
    now.draw();
  })).catch((error) => { console.error(error.name); });
  return chain;
}

channel?.addEventListener("message", ({ data }) => {
  if (data !== now.state?.tour.id) return;
  chain = chain.then(async () => {
    now.state = (await saved(data)) ?? now.state;
    now.draw();
  }).catch((error) => { console.error(error.name); });
});

/** Return the stored state of a tour, if it belongs to this account. */
async function saved(id) {
  const state = await (await database).get("tour", id);
  return state?.account === account() ? state : null;
}

/** Return the state of the tour that was open last, or null. */
async function latest() {
  const stored = await (await database).get("tour", LATEST);
  if (typeof stored === "string") return saved(stored);
  return stored?.account === account() && !stored.done ? stored : null; // written by an older version
}

export async function forget(id) {
  const db = await database;
  await db.delete("tour", id);
  await db.delete("tour", LATEST);
}

/** Delete tours of other accounts, tours that ended, and tours that nobody came back to. */
async function tidy(ended) {
  const db = await database;
  for (const key of await db.getAllKeys("tour")) {
    if (key === LATEST) continue;
    const { account: whose, opened, done } = await db.get("tour", key);
    if (whose !== account() || (!done && (ended.has(key) || opened < Date.now() - KEPT))) await db.delete("tour", key);
  }
}

function newState(tour) {
  return {
    account: account(), tour, opened: Date.now(), legs: [], stays: [], corrected: {}, pausedAt: null, cell: null,
    current: null, taps: [], manual: false, moved: Date.now(), server: null,
  };
}

const read = (id) => JSON.parse(document.getElementById(id).textContent);

/** Return the tour of this page: the one named in the URL, else the last one under way on this phone, else one started
 *  here, else one known to the server. */
export async function begin() {
  const [wanted, action] = window.location.hash.slice(1).split("/");
  const mine = await latest();
  const made = read("tour-mode-made");
  const { tours, ended } = await toursHere(read("tour-mode-tours"), made, read("tour-mode-usual"));
  await tidy(ended);
  const open = async (tour) => (await saved(tour.id)) ?? newState(tour);
  const named = tours.find(({ id }) => id === wanted);
  now.ending = Boolean(named) && action === "end";
  if (named) return open(named);
  const next = tours.find((tour) => tour.own && tour.began > (mine?.done?.at ?? Infinity));
  if (next) return open(next);
  if (mine && (mine.done || !ended.has(mine.tour.id))) return mine;
  return tours.length ? open(tours[0]) : null;
}
