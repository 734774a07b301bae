// The service worker: opens the app offline and sends the queue when the network comes back.
// `SHELL` is defined above this text: {version, hashed, files, laterFiles, mapFiles, scripts, icon, offline, static,
// borders}. hashed: whether a file that changes gets a new address.

importScripts(...self.SHELL.scripts);

const FILES = `solidarity-files-${self.SHELL.version}`;
const MAP = `solidarity-map-${self.SHELL.version}`;
const PAGES = "solidarity-pages"; // the reader's own pages, cached by phone_queue/app.js across versions
const TILES = "solidarity-tiles";
const PLACES = "solidarity-places"; // the last list of “Find help now” with its page: find_help/places-list.js
const MOST_TILES = 400;
const TIMEOUT = 5000; // milliseconds to wait for a page that is also cached
const ours = (name) => name.startsWith("solidarity-");

self.addEventListener("install", (event) => {
  event.waitUntil(install());
});

/** Cache the app shell: fetch only the files that have changed since the version before. */
async function install() {
  const cache = await caches.open(FILES);
  await Promise.all(self.SHELL.files.map((path) => keep(cache, path)));
  await cache.add(new Request(self.SHELL.offline, { cache: "no-cache" }));
  await self.skipWaiting(); // open pages keep their files; a band offers to reload them
}

/** Add a file to a cache: from an older version's cache if it is the same, else from the network. */
async function keep(cache, path) {
  if (self.SHELL.hashed) {
    const same = await caches.match(path);
    if (same) {
      await cache.put(path, same);
      return;
    }
  }
  await cache.add(new Request(path, { cache: self.SHELL.hashed ? "default" : "no-cache", priority: "low" }));
}

self.addEventListener("activate", (event) => {
  event.waitUntil(activate());
});

async function activate() {
  const current = [FILES, MAP, PAGES, TILES, PLACES];
  for (const name of await caches.keys()) if (ours(name) && !current.includes(name)) await caches.delete(name);
  await self.clients.claim();
}

self.addEventListener("message", (event) => {
  if (event.data === "cache later") event.waitUntil(cacheLater());
  if (event.data === "cache map") event.waitUntil(cacheMap());
  if (event.data === "send queue") event.waitUntil(sendHeld());
});

/** Cache the files that a page needs only when somebody writes or starts a tour, the danger words first. */
async function cacheLater() {
  const cache = await caches.open(FILES);
  for (const path of self.SHELL.laterFiles) {
    if (!(await cache.match(path))) await keep(cache, path).catch(() => {});
  }
}

/** Cache the map library and the borders once, one file after the other. */
async function cacheMap() {
  const cache = await caches.open(MAP);
  for (const path of [...self.SHELL.mapFiles, self.SHELL.borders]) {
    if (await cache.match(path)) continue;
    const answer = await fetch(path).catch(() => null);
    if (answer?.ok) await cache.put(path, answer);
  }
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const address = new URL(request.url);
  if (request.method !== "GET" || address.origin !== self.location.origin) return;
  if (request.mode === "navigate") event.respondWith(page(event, address));
  else if (address.pathname.startsWith(self.SHELL.static)) event.respondWith(file(request, address));
  else if (isTile(address.pathname)) event.respondWith(tile(event, address));
});

function isTile(path) {
  return path === self.SHELL.borders || /^\/map\/.*\.(mvt|json|pmtiles)$/.test(path);
}

/** Return a file from the caches of this version, or from the network; else the file that has replaced it. */
async function file(request, address) {
  const cached = await ofThisVersion(address.pathname);
  if (cached) return cached;
  const answer = await fetch(request).catch(() => null);
  if (answer?.ok) return answer;
  const successor = [...self.SHELL.files, ...self.SHELL.laterFiles, ...self.SHELL.mapFiles]
    .find((path) => nameOf(path) === nameOf(address.pathname));
  return (successor && (await ofThisVersion(successor))) ?? answer ?? Response.error();
}

async function ofThisVersion(path) {
  for (const name of [FILES, MAP, PLACES]) {
    const cached = await (await caches.open(name)).match(path);
    if (cached) return cached;
  }
  return undefined;
}

/**
 * Return the name of a file without its hash, because a page that was cached by an older version asks for the older
 * file.
 */
function nameOf(path) {
  return path.replace(/\.[0-9a-f]{12}(?=\.\w+$)/, "");
}

/** Return a page from the network; if the network is slow or absent, from the cache; else the offline page. */
async function page(event, address) {
  const isFind = address.pathname.startsWith("/find/"); // its page reads the kind in the address itself
  const cached = address.search && !isFind ? undefined : await cachedPage(address.pathname);
  const live = fetch(event.request);
  live.then((answer) => { event.waitUntil(cachePage(address, answer.clone())); }, () => {});
  try {
    return await (cached ? Promise.race([live, late()]) : live);
  } catch {
    const pages = await caches.open(PAGES);
    const own = (address.pathname === "/map/" && (await cachedMap(pages))) || (isFind && (await cachedPage("/find/")))
      || (await pages.match(self.SHELL.offline));
    return cached ?? own ?? (await caches.match(self.SHELL.offline)) ?? Response.error();
  }
}

async function cachedPage(path) {
  return (await (await caches.open(PAGES)).match(path)) ?? (await caches.open(PLACES)).match(path);
}

/** “The map” redirects to the reader's own territory, whose page is cached. */
async function cachedMap(pages) {
  const own = (await pages.keys()).find(({ url }) => new URL(url).pathname.startsWith("/map/t/"));
  return own && Response.redirect(own.url);
}

function late() {
  return new Promise((_done, failed) => { setTimeout(failed, TIMEOUT, new Error("late")); });
}

/** Each visit renews a cached page, unless it shows a message that is true only once. */
async function cachePage(address, answer) {
  const cache = await caches.open(PAGES);
  if (answer.status === 404) await cache.delete(address.pathname); // erased: the phone forgets it, too
  if (!answer.ok || answer.redirected || address.search) return;
  if (!(await cache.match(address.pathname))) return;
  const again = answer.clone();
  if (!(await answer.text()).includes('class="messages"')) await cache.put(address.pathname, again);
}

/** Tiles, borders, archives: from the network, cached for offline use. An archive never changes at its URL. */
async function tile(event, address) {
  const cache = await caches.open(TILES);
  const range = event.request.headers.get("Range");
  const cached = async () => (await cache.match(address.pathname)) ?? caches.match(address.pathname);
  if (range && address.pathname.includes("/release/")) {
    const whole = await cached();
    if (whole) return piece(whole, range);
  }
  try {
    const answer = await fetch(event.request);
    if (answer.status === 200 && !range) event.waitUntil(cacheTile(cache, address, answer.clone()));
    return answer;
  } catch (error) {
    const whole = await cached();
    if (!whole) throw error;
    return range ? piece(whole, range) : whole;
  }
}

/** Return the part of a cached file that the range "bytes=a-b" asks for. */
async function piece(whole, range) {
  const data = await whole.arrayBuffer();
  const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(range) ?? [];
  if (first === undefined || Number(first) >= data.byteLength) return new Response(null, { status: 416 });
  const end = Math.min(last ? Number(last) : Infinity, data.byteLength - 1);
  const headers = new Headers(whole.headers);
  headers.set("Content-Range", `bytes ${first}-${end}/${data.byteLength}`);
  headers.set("Content-Length", String(end - Number(first) + 1));
  return new Response(data.slice(Number(first), end + 1), { status: 206, headers });
}

async function cacheTile(cache, address, answer) {
  await cache.put(address.pathname, answer);
  const keys = await cache.keys();
  for (const old of keys.slice(0, Math.max(0, keys.length - MOST_TILES))) await cache.delete(old);
}

// --- the queue ------------------------------------------------------------------------------------------------------

self.addEventListener("sync", (event) => {
  if (event.tag === "phone-queue") event.waitUntil(sendQueue());
});

async function sendQueue() {
  const { reason } = await self.solidarity.sending.drain();
  new BroadcastChannel("solidarity.queue").postMessage("changed");
  if (["offline", "server", "held"].includes(reason)) throw new Error("try again later"); // the browser tries again
}

/** Tour mode was left: nothing more is added to the items that it held back. */
async function sendHeld() {
  await self.solidarity.store.release();
  await sendQueue().catch(() => {}); // without a network, a sync or the next page sends it
}
