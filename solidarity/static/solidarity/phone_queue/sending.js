// Sends the queue. Shared by pages and the service worker; a lock lets only one of them send.
//
// An item is deleted only when an answer carries its id, the digest of what was sent, and the hash of what was
// stored.
// Until then it is sent again under the same id, and the server stores it once.

(function (scope) {
  "use strict";

  const { store, datetimes } = scope.solidarity;
  const LOCK = "solidarity.queue";
  const ADDRESS = "/queue/";
  const MOST = 25; // items in one request
  const MOST_BYTES = 48 * 1024;
  const FAILURES = 4; // failures in a row, before a longer pause
  const REFUSED = new Set([400, 403, 404, 409, 410, 413, 415, 422]);
  const HASH = /^[0-9a-f]{64}$/;
  const encoder = new TextEncoder();

  const pause = (milliseconds) => new Promise((done) => { setTimeout(done, milliseconds); });

  /** SHA-256 in hexadecimal; null if the browser has none (a page without HTTPS). */
  async function digest(bytes) {
    if (!scope.crypto?.subtle) return null;
    const hash = new Uint8Array(await scope.crypto.subtle.digest("SHA-256", bytes));
    return Array.from(hash, (byte) => byte.toString(16).padStart(2, "0")).join("");
  }

  /** A request with a time limit: 20 s, plus the time its bytes take on a very slow link. */
  async function ask(address, options = {}, bytes = 0) {
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), 20e3 + bytes / 2);
    try {
      const answer = await fetch(address, {
        credentials: "same-origin", redirect: "error", cache: "no-store", priority: "high", signal: stop.signal,
        ...options,
      });
      const json = answer.headers.get("Content-Type")?.startsWith("application/json");
      return { status: answer.status, said: json ? await answer.json() : null };
    } finally {
      clearTimeout(timer);
    }
  }

  /** Fetch the session's account and the server's time, and store them for reports that are written offline.
   *  sends: whether reports follow. The browser then gets its device cookie before them: if the answer to a report is
   *  lost, the server still knows that what belongs to the report comes from the same device. */
  async function hello({ sends = false } = {}) {
    const before = Date.now();
    const { status, said } = await ask(`${ADDRESS}hello/`, { headers: sends ? { "X-Queue-Sends": "1" } : {} });
    const after = Date.now();
    if (status !== 200 || !said) throw new Error("no answer");
    const contact = { offset: said.now - (before + after) / 2, server: said.now };
    await store.note("contact", contact);
    return { ...said, contact };
  }

  function acknowledged(item, sum, result) {
    return Boolean(result) && result.id === item.id && (result.status === 200 || result.status === 201)
      && HASH.test(result.content_hash ?? "") && (sum === null || result.received === sum);
  }

  /** Store the results of items. results: by id. Returns the ids to send again. */
  async function settle(sent, results) {
    const fine = [];
    const again = [];
    for (const { item, sum } of sent) {
      const result = results.get(item.id);
      if (acknowledged(item, sum, result)) {
        fine.push({
          id: item.id, kind: item.kind, account: item.account, hash: result.content_hash, next: result.next ?? "",
          parent: item.parent, wall: item.wall, summary: item.summary,
        });
      } else if (result && REFUSED.has(result.status)) {
        const { status, code = "", detail = "", errors = {}, ticks = [] } = result;
        await store.change([item.id], { state: "refused", problem: { status, code, detail, errors, ticks } });
      } else {
        again.push(item.id);
        const problem = { status: result?.status ?? 0, code: "again" };
        await store.change([item.id], (old) => ({ state: "queued", tries: old.tries + 1, problem }));
      }
    }
    if (fine.length) await store.acknowledge(fine);
    // Cached pages list tours: cache them again.
    if (fine.some(({ kind }) => kind.startsWith("tour-"))) await store.note("pages", null);
    return again;
  }

  /** A text as the body of a request: compressed, unless the browser cannot. */
  async function packed(text) {
    if (!scope.CompressionStream) return { body: text, length: text.length, headers: {} };
    const stream = new Blob([text]).stream().pipeThrough(new scope.CompressionStream("gzip"));
    const body = await new Response(stream).arrayBuffer();
    return { body, length: body.byteLength, headers: { "Content-Encoding": "gzip" } };
  }

  async function sendBatch(items, known, here) {
    const sent = [];
    for (const item of items) sent.push({ item, sum: await digest(encoder.encode(item.body)) });
    const { body, length, headers: encoding } = await packed(JSON.stringify({
      account: items[0].account,
      here: here ?? undefined,
      items: items.map((item) => ({
        id: item.id, kind: item.kind, parent: item.parent ?? undefined, body: item.body,
        ago: datetimes.ago(item, known.contact) / 1000,
      })),
    }));
    const headers = { "Content-Type": "application/json", "X-CSRFToken": known.csrf, ...encoding };
    const { status, said } = await ask(`${ADDRESS}send/`, { method: "POST", headers, body }, length);
    const results = new Map((said?.results ?? []).map((result) => [result.id, result]));
    return { status, code: said?.code, sent, results };
  }

  async function sendFile(item, known) {
    const data = await store.blob(item.id);
    if (!data) {
      // The browser lost the bytes: report that instead of trying forever.
      const gone = { id: item.id, status: 410, code: "gone" };
      return { status: 200, sent: [{ item, sum: null }], results: new Map([[item.id, gone]]) };
    }
    const sum = await digest(data);
    const headers = {
      "Content-Type": item.type, "X-CSRFToken": known.csrf, "X-Queue-Account": item.account, "X-Queue-Id": item.id,
      "X-Queue-Parent": item.parent, "X-Queue-Ago": String(datetimes.ago(item, known.contact) / 1000),
      "X-Queue-Grant": item.grant ?? "",
    };
    const options = { method: "POST", headers, body: data };
    const { status, said } = await ask(`${ADDRESS}attach/${item.kind}/`, options, data.byteLength);
    const ours = said && (said.received || (REFUSED.has(status) && said.code)); // a Wi-Fi portal's page gives false
    const results = new Map(ours ? [[item.id, { id: item.id, ...said, status }]] : []);
    return { status, code: said?.code, sent: [{ item, sum }], results };
  }

  /** Return the items to send now: with the session's account or none, not refused, not held, not waiting for another
   *  item. */
  function ready(items, account, skip) {
    const waiting = new Set(items.map((item) => item.id));
    return items.filter((item) => item.state !== "refused" && !store.held(item) && !skip.has(item.id)
      && (item.account === "" || item.account === account)
      && ![...(item.after ?? []), item.parent].some((id) => id && waiting.has(id)));
  }

  function batchOf(items, size) {
    const [first] = items;
    if (first.blob) return [first];
    const batch = [];
    let bytes = 0;
    for (const item of items) {
      if (item.blob || item.account !== first.account) continue;
      bytes += item.body.length + 200;
      if (batch.length && (batch.length >= size || bytes > MOST_BYTES)) break;
      batch.push(item);
    }
    return batch;
  }

  async function drainLocked({ here = null, onChange = () => {} } = {}) {
    const outcome = { sent: 0, reason: "" };
    const skip = new Set(); // items that failed on the server in this round
    let size = MOST;
    let failures = 0;
    let known = null;
    const first = (await store.all()).filter((item) => item.state !== "refused");
    if (first.every(store.held)) return { ...outcome, reason: first.length ? "held" : "" };
    for (;;) {
      let batch = [];
      try {
        known ??= await hello({ sends: true });
        const items = await store.all();
        const fit = ready(items, known.account, skip);
        if (!fit.length) {
          const left = items.filter((item) => item.state !== "refused");
          const others = left.some((item) => item.account !== "" && item.account !== known.account);
          const rest = left.some(store.held) ? "held" : "";
          outcome.reason = skip.size ? "server" : others ? (known.account ? "other_account" : "sign_in") : rest;
          return outcome;
        }
        batch = await store.claim(batchOf(fit, size).map((item) => item.id));
        if (!batch.length) continue; // more was added to them in the meantime
        onChange();
        const answer = batch[0].blob ? await sendFile(batch[0], known) : await sendBatch(batch, known, here);
        if (answer.status === 401 || answer.code === "sign_in" || answer.code === "other_account") {
          await store.change(batch.map((item) => item.id), { state: "queued" });
          known = await hello({ sends: true }); // the session changed: items of other accounts have to wait
          if (++failures >= FAILURES) return { ...outcome, reason: "sign_in" };
          continue;
        }
        if (!answer.results.size) throw Object.assign(new Error("no results"), { status: answer.status });
        const again = await settle(answer.sent, answer.results);
        again.forEach((id) => skip.add(id));
        outcome.sent += batch.length - again.length;
        failures = 0;
        size = Math.min(MOST, size * 2);
        onChange();
      } catch (error) {
        if (batch.length) {
          await store.change(batch.map((item) => item.id), (old) => ({ state: "queued", tries: old.tries + 1 }));
        }
        onChange();
        if (error?.status) known = null; // an unexpected answer: the token may be old
        failures += 1;
        if (failures > 1) size = Math.max(1, Math.floor(size / 2));
        if (failures >= FAILURES) return { ...outcome, reason: error?.status ? "server" : "offline" };
        await pause(150 * 2 ** failures * (0.75 + Math.random() / 2));
      }
    }
  }

  let running = null;
  let again = false;

  async function locked(options) {
    if (!scope.navigator?.locks) return drainLocked(options);
    return scope.navigator.locks.request(LOCK, () => drainLocked(options));
  }

  /** Send all items that can be sent. Returns {sent, reason}: "", "offline", "server", "sign_in", "other_account", or
   *  "held" if the rest is held back. Never rejects. */
  async function drain(options = {}) {
    if (running) {
      again = true; // an item may have been queued since this round started
      return running;
    }
    running = (async () => {
      let outcome;
      do {
        again = false;
        outcome = await locked(options).catch(() => ({ sent: 0, reason: "storage" }));
      } while (again);
      return outcome;
    })();
    try {
      return await running;
    } finally {
      running = null;
    }
  }

  scope.solidarity = { ...scope.solidarity, sending: { drain, hello } };
})(globalThis);
