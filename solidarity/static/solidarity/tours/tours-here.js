// The tours under way that this phone knows: those of the page, which may be an older copy, changed by the tours that
// were started or ended on this phone since.

import { account, store } from "../phone_queue/queue.js";

const DAY = 24 * 3600e3;

/** Return {tours, ended}. tours: open ones, those started here first, as {id, began, own, …}; ended: ids ended here.
 *  known: the tours of the page; made: when the page was made, in milliseconds by the server's clock. */
export async function toursHere(known, made, cells = []) {
  const mine = (item) => item.account === account();
  const since = made - ((await store.recall("contact"))?.offset ?? 0);
  const waiting = (await store.all()).filter(mine);
  const sent = (await store.arrived()).filter((item) => mine(item) && item.at > since && item.at > Date.now() - DAY);
  const every = [...waiting, ...sent];
  const ends = every.filter(({ kind }) => ["tour-stop", "tour-minutes"].includes(kind));
  const ended = new Set(ends.map(({ parent }) => parent));
  const onlyHere = every.filter(({ kind, id }) => kind === "tour-start" && !known.some((tour) => tour.id === id))
    .map((item) => ({ id: item.id, began: beganAt(item), ends: null, note: "", own: true, cells }))
    .sort((a, b) => b.began - a.began);
  return { tours: [...onlyHere, ...known].filter(({ id }) => !ended.has(id)), ended };
}

/** Return the start of a tour: the typed time for “earlier”, else the time when the item was queued. */
function beganAt({ body, wall, at }) {
  const fields = body ? JSON.parse(body).fields : {};
  const typed = [fields.when].flat()[0] === "earlier" ? Date.parse([fields.at].flat()[0]) : NaN;
  return Number.isFinite(typed) ? Math.min(typed, wall) : wall ?? at;
}
