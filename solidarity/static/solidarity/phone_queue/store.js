// The queue on this phone, in IndexedDB. Shared by pages and the service worker: a classic script that extends
// `solidarity`.
//
// items  waiting: {seq, id, kind, account, state, body, parent, after, wall, contact, tries, problem, summary, edit,
//        blob, heldUntil}; heldUntil: the phone's time until which it is not sent, because more may be added to it
// blobs  the bytes of waiting files: {id, data}
// done   acknowledged in the last days, without content: {id, kind, account, hash, at, next, parent, wall, summary}
// meta   named values: contact (the server's clock), account, pages

(function (scope) {
  "use strict";

  const NAME = "solidarity";
  const VERSION = 1;
  const DONE_DAYS = 3;
  const LONGEST_HOLD = 3 * 60e3; // ms
  let opened = null;

  /** The storage of the phone is full: nothing was stored. */
  class QueueFull extends Error {
    constructor() {
      super("the storage of this device is full");
      this.name = "QueueFull";
    }
  }

  function upgrade(db, old) {
    if (old < 1) {
      const items = db.createObjectStore("items", { keyPath: "seq", autoIncrement: true });
      items.createIndex("id", "id", { unique: true });
      db.createObjectStore("blobs", { keyPath: "id" });
      db.createObjectStore("done", { keyPath: "id" });
      db.createObjectStore("meta");
    }
  }

  function open() {
    opened ??= scope.idb.openDB(NAME, VERSION, {
      upgrade,
      blocking: () => close(), // another tab needs a newer version
      terminated: () => { opened = null; },
    }).catch((error) => {
      opened = null;
      throw error;
    });
    return opened;
  }

  async function close() {
    const db = await opened;
    opened = null;
    db?.close();
  }

  function full(error) {
    return error?.name === "QuotaExceededError" || error?.inner?.name === "QuotaExceededError";
  }

  /** Write in one transaction, on disk when this resolves. work(stores by name) may return a value. */
  async function write(names, work) {
    try {
      return await writeOnce(names, work);
    } catch (error) {
      if (error?.name !== "InvalidStateError") throw error;
      await close(); // after a full disk Firefox refuses further writes on this connection
      return writeOnce(names, work);
    }
  }

  async function writeOnce(names, work) {
    const db = await open();
    const tx = db.transaction(names, "readwrite", { durability: "strict" });
    const done = tx.done.catch((error) => { throw full(error) ? new QueueFull() : error; });
    done.catch(() => {}); // awaited below; until then the browser must not report it as unhandled
    try {
      const stores = Object.fromEntries(names.map((name) => [name, tx.objectStore(name)]));
      const value = await work(stores);
      await done;
      return value;
    } catch (error) {
      try {
        tx.abort();
      } catch {
        // The transaction has ended already.
      }
      // In Firefox only the error of the transaction names the full disk. The error of the request says that the
      // transaction ended.
      const ended = await tx.done.catch((reason) => reason);
      throw full(error) || full(ended) ? new QueueFull() : error;
    }
  }

  /** Add items to the queue, all or none. Each is an item, with `data` (an ArrayBuffer) if it is a file.
   * replaces: the id of the item that the first one corrects. Items that belong to the old item then belong to the new
   * item, but new files replace old files. */
  async function put(drafts, replaces = null) {
    await write(["items", "blobs"], async ({ items, blobs }) => {
      if (replaces && drafts.some(({ data }) => data)) await dropFiles(items, blobs, replaces);
      if (replaces) await drop(items, blobs, replaces);
      for (const { data, ...item } of drafts) {
        if (await items.index("id").getKey(item.id)) continue;
        const fresh = { state: "queued", tries: 0, problem: null, after: [], parent: null };
        await items.add({ ...fresh, ...item, blob: Boolean(data) });
        if (data) await blobs.put({ id: item.id, data });
      }
      if (replaces && replaces !== drafts[0].id) await rebind(items, replaces, drafts[0].id);
    });
  }

  async function rebind(items, old, id) {
    const swap = (each) => (each === old ? id : each);
    for (const item of await items.getAll()) {
      if (item.parent !== old && !item.after?.includes(old)) continue;
      await items.put({ ...item, parent: swap(item.parent), after: item.after.map(swap) });
    }
  }

  async function drop(items, blobs, id) {
    const key = await items.index("id").getKey(id);
    if (key !== undefined) await items.delete(key);
    await blobs.delete(id);
  }

  async function dropFiles(items, blobs, parent) {
    for (const item of await items.getAll()) if (item.blob && item.parent === parent) await drop(items, blobs, item.id);
  }

  /** All waiting items, in the order in which they were queued. */
  async function all() {
    return (await open()).getAll("items");
  }

  async function find(id) {
    return (await open()).getFromIndex("items", "id", id);
  }

  async function blob(id) {
    return (await (await open()).get("blobs", id))?.data;
  }

  /** Change fields of waiting items. changes: an object for all, or a function of the item. */
  async function change(ids, changes) {
    await write(["items"], async ({ items }) => {
      for (const id of ids) {
        const item = await items.index("id").get(id);
        if (item) await items.put({ ...item, ...(typeof changes === "function" ? changes(item) : changes) });
      }
    });
  }

  /** Return whether an item is held back from sending. A clock that was set back holds nothing for longer. */
  function held({ heldUntil = 0 }) {
    const left = heldUntil - Date.now();
    return left > 0 && left <= LONGEST_HOLD;
  }

  const unsent = (item) => Boolean(item) && item.state === "queued" && item.tries === 0;

  /** Mark items as being sent, and return them as they are now. From then on, nothing can be added to them. */
  async function claim(ids) {
    return write(["items"], async ({ items }) => {
      const claimed = [];
      for (const id of ids) {
        const item = await items.index("id").get(id);
        if (!item || item.state === "refused" || held(item)) continue;
        await items.put({ ...item, state: "sending" });
        claimed.push(item);
      }
      return claimed;
    });
  }

  /** Change a held item. Return false if it is no longer held, because then it may have been sent. */
  async function amend(id, changes) {
    return write(["items"], async ({ items }) => {
      const item = await items.index("id").get(id);
      if (!unsent(item) || !held(item)) return false;
      await items.put({ ...item, ...changes });
      return true;
    });
  }

  /** Send held items from now on: those with the given ids, or all. */
  async function release(ids = null) {
    await write(["items"], async ({ items }) => {
      for (const item of await items.getAll()) {
        if (item.heldUntil && (!ids || ids.includes(item.id))) await items.put({ ...item, heldUntil: 0 });
      }
    });
  }

  /** Delete an item that has not been sent. Return false if it may have been. */
  async function withdraw(id) {
    return write(["items", "blobs"], async ({ items, blobs }) => {
      const item = await items.index("id").get(id);
      if (!unsent(item) && item?.state !== "refused") return false;
      await dropFiles(items, blobs, id);
      await drop(items, blobs, id);
      return true;
    });
  }

  /** Record acknowledged items and delete their content, in one transaction.
   *  The follow-up page is stored with their files as `grant`, which proves that the files may be added. */
  async function acknowledge(list) {
    await write(["items", "blobs", "done"], async ({ items, blobs, done }) => {
      const granted = new Map(list.map(({ id, next }) => [id, next]));
      for (const item of await items.getAll()) {
        if (item.blob && granted.has(item.parent)) await items.put({ ...item, grant: granted.get(item.parent) });
      }
      for (const { id, kind, account, hash, next, parent, wall, summary } of list) {
        await drop(items, blobs, id);
        await done.put({ id, kind, account, hash, next, parent, wall, summary, at: Date.now() });
      }
    });
  }

  /** Delete a waiting item and its files, at the request of the user. */
  async function remove(id) {
    await write(["items", "blobs"], async ({ items, blobs }) => {
      await dropFiles(items, blobs, id);
      await drop(items, blobs, id);
    });
  }

  /** Delete a waiting item and its files; return what ``put`` needs to add them again. */
  async function take(id) {
    return write(["items", "blobs"], async ({ items, blobs }) => {
      const own = (await items.getAll()).filter((item) => item.id === id || (item.blob && item.parent === id));
      const taken = [];
      for (const item of own) {
        const bytes = (await blobs.get(item.id))?.data;
        const state = item.state === "sending" ? "queued" : item.state;
        taken.push({ ...item, state, ...(bytes ? { data: bytes } : {}) });
        await drop(items, blobs, item.id);
      }
      return taken;
    });
  }

  /** Return recently acknowledged items, and delete older entries. */
  async function arrived() {
    const db = await open();
    const limit = Date.now() - DONE_DAYS * 24 * 3600e3;
    const every = await db.getAll("done");
    const old = every.filter((each) => each.at < limit || each.at > Date.now() + 10 * 24 * 3600e3);
    if (old.length) await write(["done"], async ({ done }) => { for (const each of old) await done.delete(each.id); });
    return every.filter((each) => !old.includes(each));
  }

  async function wasAcknowledged(id) {
    return (await open()).get("done", id);
  }

  async function recall(key) {
    return (await open()).get("meta", key);
  }

  async function note(key, value) {
    await write(["meta"], ({ meta }) => meta.put(value, key));
  }

  scope.solidarity = {
    ...scope.solidarity,
    store: {
      QueueFull, put, all, find, blob, change, held, claim, amend, release, withdraw, acknowledge, remove, take, arrived,
      wasAcknowledged, recall, note, close,
    },
  };
})(globalThis);
