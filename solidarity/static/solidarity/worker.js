// The service worker: the app opens without network, and waiting reports are sent when the network is back.
// The server prepends `SHELL`: {version, files, mapFiles, scripts, offline, static, borders}.

importScripts(...self.SHELL.scripts);

const FILES = `solidarity-files-${self.SHELL.version}`;
const MAP = `solidarity-map-${self.SHELL.version}`;
const PAGES = "solidarity-pages"; // the reader's own pages, stored by phone_queue/app.js; it outlives versions
const TILES = "solidarity-tiles";
const MOST_TILES = 400;
const PATIENCE = 5000; // milliseconds to wait for a page that is also stored
const ours = (name) => name.startsWith("solidarity-");

self.addEventListener("install", (event) => {
  event.waitUntil(install());
});

/** Fetch the shell; files that the browser already has cost one revalidation each. */
async function install() {
  const cache = await caches.open(FILES);
  await cache.addAll([...self.SHELL.files, self.SHELL.offline].map((path) => new Request(path, { cache: "no-cache" })));
  await self.skipWaiting(); // open pages continue with what they have loaded; a band offers to reload them
}

self.addEventListener("activate", (event) => {
  event.waitUntil(activate());
});

async function activate() {
  const keep = [FILES, MAP, PAGES, TILES];
  for (const name of await caches.keys()) if (ours(name) && !keep.includes(name)) await caches.delete(name);
  await self.clients.claim();
}

self.addEventListener("message", (event) => {
  if (event.data === "keep map") event.waitUntil(keepMap());
});

/** Fetch the map's library and the borders, one after the other, once. */
async function keepMap() {
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
  else if (address.pathname === self.SHELL.borders || /^\/map\/.*\.(mvt|json|pmtiles)$/.test(address.pathname)) {
    event.respondWith(tile(event, address));
  }
});

/** Return a file of this version from the phone, others from the network. */
async function file(request, address) {
  for (const name of [FILES, MAP]) {
    const kept = await (await caches.open(name)).match(address.pathname);
    if (kept) return kept;
  }
  return fetch(request);
}

/** Return the page from the network; if it is slow or missing, the stored page; else the offline page. */
async function page(event, address) {
  const kept = address.search ? undefined : await (await caches.open(PAGES)).match(address.pathname);
  const live = fetch(event.request);
  live.then((answer) => { event.waitUntil(keepPage(address, answer.clone())); }, () => {});
  try {
    return await (kept ? Promise.race([live, late()]) : live);
  } catch {
    const pages = await caches.open(PAGES);
    const own = (address.pathname === "/map/" && (await keptMap(pages))) || (await pages.match(self.SHELL.offline));
    return kept ?? own ?? (await caches.match(self.SHELL.offline)) ?? Response.error();
  }
}

/** Redirect "the map" to the reader's own territory, whose page is stored. */
async function keptMap(pages) {
  const own = (await pages.keys()).find(({ url }) => new URL(url).pathname.startsWith("/map/t/"));
  return own && Response.redirect(own.url);
}

function late() {
  return new Promise((_done, failed) => { setTimeout(failed, PATIENCE, new Error("late")); });
}

/** Update a stored page at each visit, unless it shows a message that is true only once. */
async function keepPage(address, answer) {
  if (!answer.ok || answer.redirected || address.search) return;
  const cache = await caches.open(PAGES);
  if (!(await cache.match(address.pathname))) return;
  const again = answer.clone();
  if (!(await answer.text()).includes('class="messages"')) await cache.put(address.pathname, again);
}

/** Return tiles, borders and archives from the network, and store them. The URL of an archive never changes content. */
async function tile(event, address) {
  const cache = await caches.open(TILES);
  const range = event.request.headers.get("Range");
  const kept = async () => (await cache.match(address.pathname)) ?? caches.match(address.pathname);
  if (range && address.pathname.includes("/release/")) {
    const whole = await kept();
    if (whole) return piece(whole, range);
  }
  try {
    const answer = await fetch(event.request);
    if (answer.status === 200 && !range) event.waitUntil(keepTile(cache, address, answer.clone()));
    return answer;
  } catch (error) {
    const whole = await kept();
    if (!whole) throw error;
    return range ? piece(whole, range) : whole;
  }
}

/** Return the bytes of a stored file that "bytes=a-b" asks for. */
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

async function keepTile(cache, address, answer) {
  await cache.put(address.pathname, answer);
  const keys = await cache.keys();
  for (const old of keys.slice(0, Math.max(0, keys.length - MOST_TILES))) await cache.delete(old);
}

// --- the phone queue -----------------------------------------------------------------------------------------------

self.addEventListener("sync", (event) => {
  if (event.tag === "outbox") event.waitUntil(sendQueue());
});

async function sendQueue() {
  const { reason } = await self.solidarity.sending.drain();
  new BroadcastChannel("solidarity.outbox").postMessage("changed");
  if (reason === "offline" || reason === "server") throw new Error("try again later"); // the browser retries
}
