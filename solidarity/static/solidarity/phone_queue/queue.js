// The queue for pages: add, send, listen for changes. See docs/offline.md.

import "../../vendor/idb/umd.js";
import "./store.js";
import "./datetimes.js";
import "./sending.js";

const { store, sending } = globalThis.solidarity;
const CHANNEL = "solidarity.queue";
const TAG = "phone-queue";
const listeners = new Set();
const channel = openChannel();

export const { QueueFull } = store;
export const { hello } = sending;

/** The id of the account that this page was made for; "" without one. */
export function account() {
  return document.querySelector("meta[name=queue-account]")?.content ?? "";
}

/** Return a random UUID, even if the page is not served over HTTPS. */
export function newId() {
  if (window.crypto.randomUUID) return window.crypto.randomUUID();
  const bytes = window.crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const text = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return text.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/** The channel to other tabs; null if the browser has none, or (Firefox) if all storage is blocked. */
function openChannel() {
  try {
    return new BroadcastChannel(CHANNEL);
  } catch {
    return null;
  }
}

function announce() {
  channel?.postMessage("changed");
  readQueue();
}

let reading = 0;

/** Read the queue once when many changes come together. */
function readQueue() {
  reading ||= window.setTimeout(async () => {
    reading = 0;
    const waiting = await pending().catch(() => []);
    for (const listener of listeners) listener(waiting);
  }, 80);
}

channel?.addEventListener("message", readQueue);

/** Listen for changes of the queue in any tab. The listener is also called at once, with [{id, kind, state, …}]. */
export function onChange(listener) {
  listeners.add(listener);
  pending().then(listener, () => {});
}

/** The waiting items, without their content. */
export async function pending() {
  return (await store.all()).map(({ body: _body, ...item }) => item);
}

/** Queue a report with its files. Resolves with the item once it is stored.
 * lacks: "place" if it must stay here until somebody adds its place. heldUntil: the phone's time before which the item
 * is not sent, at most 3 minutes from now. Until then amend() may change it, or a removal can be undone. Rejects with
 * QueueFull, and stores nothing, when the phone has no room. */
export async function enqueue({
  kind, fields, parent = null, after = [], files = [], summary = {}, edit = "", id = newId(), replaces = null,
  wall = null, contact = undefined, lacks = "", heldUntil = 0,
}) {
  keepStorage();
  const known = contact === undefined ? (await store.recall("contact")) ?? null : contact;
  const origin = { account: account(), wall: wall ?? Date.now(), contact: known };
  const first = [];
  for (const each of [...after, fields.tour].flat()) {
    if (each && each !== id && (await store.find(each))) first.push(each);
  }
  const item = {
    ...origin, id, kind, parent, after: first, summary, edit, heldUntil, body: JSON.stringify({ v: 1, fields }),
    ...(lacks ? { state: "refused", problem: { code: lacks } } : {}),
  };
  const rest = await Promise.all(files.map((file) => fileItem({ ...file, parent: id }, origin)));
  await store.put([item, ...rest], replaces);
  announce();
  sendSoon();
  return item;
}

/** Change the fields of a held item. Resolves with false if it is no longer held: it may have been sent. */
export async function amend(id, { fields, summary, heldUntil }) {
  const changed = await store.amend(id, { body: JSON.stringify({ v: 1, fields }), summary, heldUntil });
  if (changed) announce();
  return changed;
}

/** Send held items now: those with the given ids, or all. */
export async function release(ids = null) {
  await store.release(ids);
  announce();
  sendSoon();
}

/** Delete an item that was not sent. Resolves with false if it may have been sent. */
export async function withdraw(id) {
  const gone = await store.withdraw(id);
  if (gone) announce();
  return gone;
}

function sendSoon() {
  if (navigator.onLine) drain();
  else askForSync({ reason: "offline" });
}

async function fileItem({ kind, field, parent, blob, type, name = "" }, origin) {
  const data = await blob.arrayBuffer();
  return {
    ...origin, id: newId(), kind: kind ?? field, parent, type: type ?? blob.type,
    summary: { name, bytes: data.byteLength }, edit: "", body: "", data,
  };
}

/** Send now. here: the id of an item whose sender is waiting for the next page. */
export async function drain(options = {}) {
  const outcome = await sending.drain({ ...options, onChange: announce });
  announce();
  askForSync(outcome);
  return outcome;
}

/** Ask the browser to wake the worker when there is a network again, even with no page open. */
async function askForSync({ reason }) {
  if (!["offline", "server", "held"].includes(reason)) return;
  try {
    const registration = await navigator.serviceWorker?.getRegistration("/");
    await registration?.sync?.register(TAG);
  } catch {
    // No background sync here: the next open page sends it.
  }
}

/** Return the outcome of an item; wait for it at most `timeout` milliseconds:
 *  {state: "acknowledged" | "refused" | "waiting", next, problem}. */
export async function outcome(id, timeout = 0) {
  const end = performance.now() + timeout;
  for (;;) {
    const done = await store.wasAcknowledged(id);
    if (done) return { state: "acknowledged", next: done.next };
    const item = await store.find(id);
    if (item?.state === "refused") return { state: "refused", problem: item.problem };
    if (performance.now() >= end) return { state: "waiting" };
    await new Promise((next) => { setTimeout(next, 60); });
  }
}

const ASKED = "solidarity.persist";
const ASK_AGAIN = 24 * 3600e3;

/** Ask the browser not to delete the queue when it runs short of room: at most once a day, as Firefox asks the user. */
async function keepStorage() {
  try {
    const ago = Date.now() - Number(window.localStorage.getItem(ASKED));
    if (Math.abs(ago) < ASK_AGAIN || (await navigator.storage?.persisted?.())) return;
    window.localStorage.setItem(ASKED, String(Date.now()));
    await navigator.storage?.persist?.();
  } catch {
    // The browser may delete the queue; the page of the queue says so.
  }
}

export { store };
