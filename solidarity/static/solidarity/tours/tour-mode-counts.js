// Counts of what was logged on this tour. They come from the server's list of all phones and forms, and from what this
// phone still has to send. This module sends and receives numbers only.

import { account, store } from "../phone_queue/queue.js";
import { change, now, page } from "./tour-mode-now.js";

const LENGTH = 12; // of the shortened ids in the server's list
const short = (id) => id.replaceAll("-", "").slice(0, LENGTH);

/** Return this phone's items of the tour: {rows: [{key, persons, given, sent}], gone: [{key, sent}], waiting}.
 *  sent: when the server acknowledged it; Infinity while it waits. */
async function onThisPhone() {
  const tour = now.state.tour.id;
  const mine = (item) => item.account === account();
  const waits = (await store.all()).filter(mine).map((item) => ({ ...item, sent: Infinity }));
  const every = [...waits, ...(await store.arrived()).filter(mine).map((item) => ({ ...item, sent: item.at }))];
  const met = every.filter(({ summary }) => summary?.tour === tour);
  const own = new Set(met.map(({ id }) => id));
  const taken = every.filter(({ kind, parent }) => kind === "take-back" && own.has(parent));
  const isOurs = (item) => item.id === tour || item.parent === tour || item.summary?.tour === tour || own.has(item.parent);
  return {
    rows: met.map(({ id, summary, sent }) => ({ key: short(id), sent, persons: summary.persons, given: summary.given })),
    gone: taken.map(({ parent, sent }) => ({ key: short(parent), sent })),
    waiting: waits.filter((item) => isOurs(item) && item.state !== "refused").length,
  };
}

function totals(rows) {
  const every = [...rows.values()];
  return {
    persons: every.reduce((sum, row) => sum + row.persons, 0),
    encounters: every.filter(({ persons }) => persons > 0).length,
    looked: every.filter(({ persons }) => persons === 0).length,
    given: every.filter(({ given }) => given).reduce((sum, row) => sum + row.persons, 0), // twenty soups are not one
  };
}

/** Count again. now.counts: {here, all, waiting, isFresh}. here: this phone alone; all: with the server's list, null
 * without one; waiting: reports of the tour that were not sent; isFresh: whether the server's list has all other
 * reports. Resolves with true if reports arrived, so that the server knows more now. */
export async function count() {
  const { rows, gone, waiting } = await onThisPhone();
  const here = new Map(rows.map((row) => [row.key, row]));
  for (const { key } of gone) here.delete(key);
  const { server } = now.state;
  let all = null;
  if (server) {
    all = new Map(server.rows.map(([key, persons, given]) => [key, { persons, given: Boolean(given) }]));
    for (const row of rows) if (row.sent > server.asked) all.set(row.key, row);
    for (const { key, sent } of gone) if (sent > server.asked) all.delete(key);
  }
  const before = now.counts?.waiting ?? 0;
  const isFresh = Boolean(server) && ![...rows, ...gone].some(({ sent }) => sent !== Infinity && sent > server.asked);
  now.counts = { here: totals(here), all: all && totals(all), waiting, isFresh };
  return waiting < before;
}

let asking = false;
let wanted = false; // this request came while an answer was on its way, and that answer may be too old

/** Ask the server for its list of the tour. Resolves with its answer, or null without a network. */
export async function ask() {
  if (!navigator.onLine || document.visibilityState !== "visible") return null;
  wanted = true;
  if (asking) return null;
  asking = true;
  let said = null;
  try {
    while (wanted) {
      wanted = false;
      said = await load();
    }
  } finally {
    asking = false;
  }
  return said;
}

async function load() {
  const asked = Date.now();
  const { id } = now.state.tour;
  try {
    const answer = await fetch(`${page.dataset.tours}${id}/counts/`, { credentials: "same-origin", redirect: "error" });
    if (!answer.ok) return null; // the item still waits on this phone, or was taken back
    const said = await answer.json();
    const { rows, began, ended, summary } = said;
    await change(() => { now.state.server = { asked, rows, began, ended, summary }; });
    return said;
  } catch {
    return null;
  }
}
