// The big buttons: people met, nobody, given, asked, undo. Only a cell is queued, never a place.
//
// The first tap puts the encounter into the phone queue. Until it is sent, further taps change it there: it is held back
// for three minutes after the last tap, or until the next encounter, the end of the tour, or the end of the page.

import { amend, enqueue, newId, release, store, withdraw } from "../phone_queue/queue.js";
import { change, now, part, say, words } from "./tour-mode-now.js";

const HOLD = 3 * 60e3; // ms

/** Return what the queue stores of an encounter: {fields, summary}. */
function contentOf({ cell, persons, asked, given }) {
  const tour = now.state.tour.id;
  return {
    fields: { tour, cell, persons: String(persons), asked, given },
    summary: { tour, persons, given: given.length > 0 },
  };
}

/** Send the encounter under way: nothing is added to it any more. */
export async function settle() {
  const { current } = now.state;
  now.state.current = null;
  if (current) await release([current.id]);
}

/** Return the encounter that taps are still added to, or null. */
export async function underWay() {
  const { current } = now.state;
  const item = current && (await store.find(current.id));
  if (!item || !store.held(item)) now.state.current = null;
  return now.state.current;
}

/** An older version stored the encounter under way only in the page's own database: queue it. */
export async function rescue() {
  const { current } = now.state;
  const isQueued = current && ((await store.find(current.id)) || (await store.wasAcknowledged(current.id)));
  if (current && !isQueued) await queue(current, 0);
  await underWay();
}

function count(id, what) {
  now.state.taps.push({ id, what });
  now.state.moved = Date.now();
}

async function queue(entry, heldUntil) {
  const { id, at: wall } = entry;
  await enqueue({ kind: "tour-tap", id, wall, parent: now.state.tour.id, heldUntil, ...contentOf(entry) });
}

async function meet() {
  await settle();
  const at = Date.now();
  const entry = { id: newId(), cell: now.state.cell, persons: 1, asked: [], given: [], at };
  await queue(entry, at + HOLD);
  now.state.current = entry;
  count(entry.id, "met");
}

/** Change the encounter under way. Return false if it was sent meanwhile. */
async function add(changes) {
  const next = { ...now.state.current, ...changes };
  const done = await amend(next.id, { ...contentOf(next), heldUntil: Date.now() + HOLD });
  now.state.current = done ? next : null;
  now.state.moved = Date.now();
  return done;
}

function where() {
  if (now.state.cell) return true;
  say(words.where);
  part("cells").open = true;
  return false;
}

export function met() {
  return change(async () => {
    if (!where()) return;
    await meet();
    say(words.met.replace("NUMBER", "1"));
  });
}

export function more() {
  return change(async () => {
    if (!where()) return;
    const current = await underWay();
    if (!current || !(await add({ persons: current.persons + 1 }))) await meet();
    say(words.met.replace("NUMBER", String(now.state.current.persons)));
  });
}

export function nobody() {
  return change(async () => {
    if (!where()) return;
    await settle();
    const entry = { id: newId(), cell: now.state.cell, persons: 0, asked: [], given: [], at: Date.now() };
    await queue(entry, 0);
    count(entry.id, "nobody");
    now.asking = null;
    say(words.nobody);
  });
}

export function ask(what) {
  return change(async () => {
    if (!where()) return;
    if (!(await underWay())) {
      if (now.state.taps.at(-1)?.what === "nobody") { // a gift must not add a person whom nobody met
        say(words.nobodyMet);
        return;
      }
      await meet();
    }
    now.asking = now.asking === what ? null : what;
  });
}

export function choose(kind) {
  return change(async () => {
    const list = (await underWay())?.[now.asking];
    const next = list?.includes(kind) ? list.filter((each) => each !== kind) : [...(list ?? []), kind];
    if (list && (await add({ [now.asking]: next }))) return;
    now.asking = null;
    say(words.gone);
  });
}

/** Return the encounter under way without its last tap, or null if that was its first. */
function withoutLast({ persons, given, asked }) {
  if (given.length) return { given: given.slice(0, -1) };
  if (asked.length) return { asked: asked.slice(0, -1) };
  return persons > 1 ? { persons: persons - 1 } : null;
}

export function undo() {
  return change(async () => {
    const tap = now.state.taps.at(-1);
    if (!tap) return say(words.nothing);
    const current = await underWay();
    const less = current?.id === tap.id ? withoutLast(current) : null;
    if (!less || !(await add(less))) {
      if (current?.id === tap.id) now.state.current = null;
      if (!(await withdraw(tap.id))) {
        await enqueue({ kind: "take-back", parent: tap.id, after: [tap.id], fields: {} });
      }
      now.state.taps.pop();
      now.asking = null;
    }
    say(words.undone);
  });
}
