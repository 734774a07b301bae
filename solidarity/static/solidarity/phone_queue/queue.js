// The queue as pages see it: put something in, send, hear of changes. See docs/offline.md.

import "../../vendor/idb/umd.js";
import "./store.js";
import "./datetimes.js";
import "./sending.js";

const { store, sending } = globalThis.solidarity;
const CHANNEL = "solidarity.outbox";
const TAG = "outbox";
const listeners = new Set();
const channel = openChannel();

export const { QueueFull } = store;
export const { hello } = sending;

/** The mark of the account that this page was made for; "" without one. */
export function account() {
  return document.querySelector("meta[name=outbox-account]")?.content ?? "";
}

/** A random UUID, also where the page is not served over HTTPS. */
export function newId() {
  if (window.crypto.randomUUID) return window.crypto.randomUUID();
  const bytes = window.crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const text = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return text.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/** Other tabs hear through it; null where the browser has none, or (Firefox) where all storage is blocked. */
function openChannel() {
  try {
    return new BroadcastChannel(CHANNEL);
  } catch {
    return null;
  }
}

function told() {
  channel?.postMessage("changed");
  heard();
}

let hearing = 0;

/** Look once for many changes that come together. */
function heard() {
  hearing ||= window.setTimeout(async () => {
    hearing = 0;
    const waiting = await pending().catch(() => []);
    for (const listener of listeners) listener(waiting);
  }, 80);
}

channel?.addEventListener("message", heard);

/** Hear of what waits, now and at each change in any tab: listener([{id, kind, state, …}]). */
export function onChange(listener) {
  listeners.add(listener);
  pending().then(listener, () => {});
}

/** What waits, without its content. */
export async function pending() {
  return (await store.all()).map(({ body: _body, ...item }) => item);
}

/** Put a report into the queue; its files go with it. Resolves with the item once it is on disk.
 *  lacks: "place": it stays here until somebody completes it.
 *  Rejects with QueueFull when the phone has no room: then nothing was kept. */
export async function enqueue({ kind, fields, parent = null, after = [], files = [], summary = {}, edit = "", id = newId(), replaces = null, wall = null, contact = undefined, lacks = "" }) {
  keepStorage();
  const known = contact === undefined ? (await store.recall("contact")) ?? null : contact;
  const moment = { account: account(), wall: wall ?? Date.now(), contact: known };
  const first = [];
  for (const each of [...after, fields.tour].flat()) if (each && each !== id && (await store.find(each))) first.push(each);
  const item = { ...moment, id, kind, parent, after: first, summary, edit, body: JSON.stringify({ v: 1, fields }), ...(lacks ? { state: "refused", problem: { code: lacks } } : {}) };
  const rest = await Promise.all(files.map((file) => fileItem({ ...file, parent: id }, moment)));
  await store.put([item, ...rest], replaces);
  told();
  if (navigator.onLine) drain();
  return item;
}

/** Put a file for a report that is on its way or at the server already. */
export async function enqueueFile(file) {
  keepStorage();
  const item = await fileItem(file, { account: account(), wall: Date.now(), contact: (await store.recall("contact")) ?? null });
  await store.put([item]);
  told();
  if (navigator.onLine) drain();
  return item;
}

async function fileItem({ kind, field, parent, blob, type, name = "" }, moment) {
  const data = await blob.arrayBuffer();
  return { ...moment, id: newId(), kind: kind ?? field, parent, type: type ?? blob.type, summary: { name, bytes: data.byteLength }, edit: "", body: "", data };
}

/** Send now what can be sent. here: the id of an item whose sender waits for the next page. */
export async function drain(options = {}) {
  const outcome = await sending.drain({ ...options, onChange: told });
  told();
  askForSync(outcome);
  return outcome;
}

/** Where the browser can, let it wake the worker once there is a network, also with no page open. */
async function askForSync({ reason }) {
  if (!["offline", "server"].includes(reason)) return;
  try {
    const registration = await navigator.serviceWorker?.getRegistration("/");
    await registration?.sync?.register(TAG);
  } catch {
    // No background sync here: the next page that opens sends it.
  }
}

/** What became of an item: {state: "acknowledged" | "refused" | "waiting", next, problem}; waits so many milliseconds for it. */
export async function outcome(id, patience = 0) {
  const end = performance.now() + patience;
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

/** Ask the browser not to throw the queue away when it runs short of room. Firefox asks the person: at most once a day, then. */
async function keepStorage() {
  try {
    const ago = Date.now() - Number(window.localStorage.getItem(ASKED));
    if (Math.abs(ago) < ASK_AGAIN || (await navigator.storage?.persisted?.())) return;
    window.localStorage.setItem(ASKED, String(Date.now()));
    await navigator.storage?.persist?.();
  } catch {
    // It may; the outbox page says so.
  }
}

export { store };
