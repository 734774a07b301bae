// The big buttons: people met, nobody, given, asked, undo. Only a cell is queued, never a place.

import { enqueue, newId, store } from "../phone_queue/queue.js";
import { change, now, part, say, words } from "./tour-mode-now.js";

const LOCK = "solidarity.queue";

function fieldsOf({ cell, persons, asked, given }) {
  return { tour: now.state.tour.id, cell, persons: String(persons), asked, given };
}

/** Queue the encounter under way. */
export async function settle() {
  const { current } = now.state;
  if (!current) return;
  await enqueue({
    kind: "tour-tap", id: current.id, wall: current.at, parent: now.state.tour.id, fields: fieldsOf(current),
    summary: { persons: current.persons },
  });
  now.state.current = null;
}

function count(entry) {
  now.state.taps.push(entry);
  now.state.moved = Date.now();
}

async function meet() {
  await settle();
  const id = newId();
  const at = Date.now();
  now.state.current = { id, cell: now.state.cell, persons: 1, asked: [], given: [], at, touched: at };
  count({ what: "met", id, persons: 1, given: false });
}

function where() {
  if (now.state.cell) return true;
  say(words.where);
  part("cells").open = true;
  return false;
}

const tapOf = (id) => now.state.taps.find((tap) => tap.id === id);

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
    if (!now.state.current) await meet();
    else {
      now.state.current.persons += 1;
      now.state.current.touched = Date.now();
      tapOf(now.state.current.id).persons = now.state.current.persons;
    }
    say(words.met.replace("NUMBER", String(now.state.current.persons)));
  });
}

export function nobody() {
  return change(async () => {
    if (!where()) return;
    await settle();
    const id = newId();
    const fields = fieldsOf({ cell: now.state.cell, persons: 0, asked: [], given: [] });
    await enqueue({ kind: "tour-tap", id, parent: now.state.tour.id, fields, summary: { persons: 0 } });
    count({ what: "nobody", id, persons: 0, given: false });
    now.asking = null;
    say(words.nobody);
  });
}

export function ask(what) {
  return change(async () => {
    if (!where()) return;
    if (!now.state.current) await meet();
    now.asking = now.asking === what ? null : what;
  });
}

export function choose(kind) {
  return change(async () => {
    if (!now.state.current) await meet();
    const list = now.state.current[now.asking];
    if (list.includes(kind)) list.splice(list.indexOf(kind), 1);
    else list.push(kind);
    now.state.current.touched = Date.now();
    tapOf(now.state.current.id).given = now.state.current.given.length > 0;
  });
}

/** Remove a tap from the queue. Return false if it may have been sent, which is unknown while the queue is sending. */
async function unqueued(id) {
  const out = async (free) => {
    const item = free ? await store.find(id) : null;
    if (!item || !(item.state === "refused" || (item.state === "queued" && item.tries === 0))) return false;
    await store.remove(id);
    document.dispatchEvent(new Event("queue:send"));
    return true;
  };
  if (!navigator.locks) return false;
  return navigator.locks.request(LOCK, { ifAvailable: true }, out);
}

export function undo() {
  return change(async () => {
    const tap = now.state.taps.at(-1);
    if (!tap) return say(words.nothing);
    const current = now.state.current;
    if (current?.id === tap.id && (current.persons > 1 || current.given.length || current.asked.length)) {
      if (current.given.length) current.given.pop();
      else if (current.asked.length) current.asked.pop();
      else current.persons -= 1;
      Object.assign(tap, { persons: current.persons, given: current.given.length > 0 });
    } else {
      if (current?.id === tap.id) now.state.current = null;
      else if (!(await unqueued(tap.id))) {
        await enqueue({ kind: "take-back", parent: tap.id, after: [tap.id], fields: {} });
      }
      now.state.taps.pop();
      now.asking = null;
    }
    say(words.undone);
  });
}

export function totals() {
  const { taps } = now.state;
  return {
    persons: taps.reduce((sum, tap) => sum + tap.persons, 0),
    encounters: taps.filter((tap) => tap.what === "met").length,
    looked: taps.filter((tap) => tap.what === "nobody").length,
    given: taps.filter((tap) => tap.given).length,
  };
}
