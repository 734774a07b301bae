// Runs on every page: service worker, number of waiting reports, times of sending, sign-out, new versions, and
// installation on the home screen. Hooks: data-queue-band, data-queue-count, data-queue-refused, data-update,
// data-install, form[data-sign-out].

import { account, drain, hello, onChange, pending, store } from "./queue.js";

const RETRY = [5e3, 15e3, 60e3, 300e3];
const PAGES = "solidarity-pages";
const TILES = "solidarity-tiles";
const PLACES = "solidarity-places"; // of find_help/places-list.js
const PAGES_AGE = 30 * 60e3;
const data = document.querySelector("[data-app]")?.dataset ?? {};

// --- waiting reports -----------------------------------------------------------------------------------------------

function show(waiting) {
  const refused = waiting.filter((item) => item.state === "refused" && item.problem?.code !== "place").length;
  for (const box of document.querySelectorAll("[data-queue-band]")) {
    box.hidden = waiting.length === 0;
    box.toggleAttribute("data-attention", refused > 0);
    const number = waiting.length;
    const text = number === 1 ? box.dataset.one : number ? box.dataset.many?.replace("NUMBER", number) : "";
    const { refusedOne, refusedMany } = box.dataset;
    const more = refused === 1 ? refusedOne : refused ? refusedMany?.replace("NUMBER", refused) : "";
    const words = box.querySelector("[data-queue-words]");
    const said = [text, more].filter(Boolean).join(" ");
    if (words && words.textContent !== said) words.textContent = said;
  }
  for (const box of document.querySelectorAll("[data-queue-count]")) {
    box.hidden = waiting.length === 0;
    box.textContent = String(waiting.length);
  }
}

let timer = 0;
let round = 0;

/** Send now, and try again later if it fails. */
async function sendNow() {
  window.clearTimeout(timer);
  if (!(await pending().catch(() => [])).some((item) => item.state !== "refused")) {
    document.dispatchEvent(new CustomEvent("queue:reason", { detail: { reason: "" } }));
    return;
  }
  const { sent, reason } = await drain();
  round = sent ? 0 : round;
  // navigator.onLine may be true on a network without internet access: the result of a request is more reliable.
  for (const band of document.querySelectorAll("[data-when-offline]")) {
    if (reason !== "storage") band.hidden = navigator.onLine && reason !== "offline";
  }
  document.dispatchEvent(new CustomEvent("queue:reason", { detail: { reason } }));
  if (["offline", "server"].includes(reason)) {
    timer = window.setTimeout(sendNow, RETRY[Math.min(round, RETRY.length - 1)] * (0.8 + Math.random() * 0.4));
    round += 1;
  }
}

window.addEventListener("online", () => { round = 0; sendNow(); });
document.addEventListener("visibilitychange", () => { if (document.visibilityState === "visible") sendNow(); });
document.addEventListener("queue:send", () => { round = 0; sendNow(); });

let holding = 0;

/** Send held items when their time is over, on any page. */
function sendHeld(waiting) {
  window.clearTimeout(holding);
  const times = waiting.filter(store.held).map(({ heldUntil }) => heldUntil);
  if (times.length) holding = window.setTimeout(sendNow, Math.min(...times) - Date.now() + 200);
}

// --- pages that open offline ----------------------------------------------------------------------------------------

/** Cache the reader's pages, for one account: after sign-in, with a new version, and every half hour. */
async function cachePages() {
  if (!("caches" in window) || !navigator.onLine) return;
  const last = (await store.recall("pages")) ?? {};
  const now = { account: account(), version: data.version, language: data.chosen };
  const other = now.account !== "" && last.account && last.account !== now.account;
  if (other) await deletePersonal(); // delete the forms and the map of another account
  const isRecent = Date.now() - last.at < 14 * 24 * 3600e3;
  if (now.account === "" && last.account && isRecent) return; // an expired session keeps its forms
  const same = last.account === now.account && last.version === now.version && last.language === now.language;
  if (same && Math.abs(Date.now() - last.at) < PAGES_AGE) return;
  const [{ pages: forms, fonts, tours }, map] = [await hello(), await ownMap()];
  if (tours) await forgetStops((tour) => !tours.includes(tour));
  await cacheFonts(fonts ?? []);
  const pages = [...forms, ...map.pages];
  const cache = await caches.open(PAGES);
  const kept = (path) => pages.includes(path) || path.startsWith("/follow/"); // following/follow.js keeps those
  for (const { url } of await cache.keys()) if (!kept(new URL(url).pathname)) await cache.delete(url);
  const answers = pages.map(async (path) => {
    const answer = await fetch(path, {
      credentials: "same-origin", redirect: "error", cache: "no-store", priority: "low", headers: { "X-Kept": "1" },
    });
    if (!answer.ok) throw new Error(path);
    await cache.put(path, answer);
  });
  const all = await Promise.allSettled(answers);
  if (all.every((each) => each.status === "fulfilled")) await store.note("pages", { ...now, at: Date.now() });
  await cacheFiles(map.files);
}

/** Cache additional files for the reader's language: fonts, and styles for right-to-left text. */
async function cacheFonts(files) {
  const cache = await caches.open(`solidarity-files-${data.version}`);
  for (const path of files) {
    if (await cache.match(path)) continue;
    const answer = await fetch(path).catch(() => null);
    if (answer?.ok) await cache.put(path, answer);
  }
}

/** Cache the map page and the release of the reader's territory; nothing without a territory or when saving data. */
async function ownMap() {
  const none = { pages: [], files: [] };
  if (!account() || !data.keptMap || navigator.connection?.saveData) return none;
  const answer = await fetch(data.keptMap, { credentials: "same-origin", redirect: "error" }).catch(() => null);
  return answer?.ok ? answer.json() : none;
}

async function cacheFiles(files) {
  const cache = await caches.open(TILES);
  for (const { url } of await cache.keys()) {
    const { pathname } = new URL(url);
    if (pathname.includes("/release/") && !files.includes(pathname)) await cache.delete(url); // an older release
  }
  for (const path of files) {
    if (path.includes("/release/") && (await cache.match(path))) continue; // a release never changes at its address
    const options = { credentials: "same-origin", redirect: "error", priority: "low" };
    const answer = await fetch(path, options).catch(() => null);
    if (answer?.status === 200) await cache.put(path, answer);
  }
}

/** Delete the exact places of a tour's stops from the phone when the tour is over, whatever page is open. */
async function forgetStops(isOver) {
  const { tour, until } = (await store.recall("stops")) ?? {};
  if (!tour || (Date.now() < until && !isOver(tour))) return;
  window.indexedDB.deleteDatabase("solidarity-tour-mode");
  await store.note("stops", null);
}

async function deletePersonal() {
  for (const key of Object.keys(window.sessionStorage)) {
    if (key.startsWith("solidarity.draft.tab.")) window.sessionStorage.removeItem(key); // drafts of telephone calls
  }
  await caches.delete(PAGES);
  await caches.delete(TILES);
  await caches.delete(PLACES);
  window.indexedDB?.deleteDatabase("solidarity-tour-mode"); // the track of a tour under way
}

// --- signing out ----------------------------------------------------------------------------------------------------

/** Sign-out deletes personal pages from the phone. Unsent reports stay, after a warning. */
for (const form of document.querySelectorAll("form[data-sign-out]")) {
  form.addEventListener("submit", async (event) => {
    if (form.dataset.sure) return;
    event.preventDefault();
    const mine = (await pending().catch(() => [])).filter((item) => item.account === account());
    const dialog = document.querySelector("[data-sign-out-dialog]");
    if (mine.length && dialog && !(await agreed(dialog, mine.length))) return;
    try {
      await deletePersonal();
      await store.note("pages", null);
    } catch {
      // Nothing was cached, so there is nothing to delete.
    }
    form.dataset.sure = "1";
    form.submit();
  });
}

function agreed(dialog, number) {
  const { one, many } = dialog.dataset;
  dialog.querySelector("[data-sign-out-number]").textContent = number === 1 ? one : many.replace("NUMBER", number);
  return new Promise((decided) => {
    dialog.addEventListener("close", () => decided(dialog.returnValue === "leave"), { once: true });
    dialog.returnValue = "";
    dialog.showModal();
  });
}

// --- the service worker ---------------------------------------------------------------------------------------------

async function register() {
  if (!("serviceWorker" in navigator) || !data.worker) return;
  let known = Boolean(navigator.serviceWorker.controller);
  // A new version takes over without changing this page, which stays as it is until it is reloaded.
  navigator.serviceWorker.addEventListener("controllerchange", () => {
    if (known) for (const box of document.querySelectorAll("[data-update]")) box.hidden = false;
    known = true;
  });
  try {
    await navigator.serviceWorker.register(data.worker, { scope: "/", updateViaCache: "none" });
    const { active } = await navigator.serviceWorker.ready;
    await first; // waiting reports are sent before pages are cached
    active.postMessage("cache later");
    await cachePages();
    // Post to the active worker: in Firefox a page that was loading during the installation may have no controller.
    if (account() && !navigator.connection?.saveData) active.postMessage("cache map");
  } catch {
    // Without a service worker, pages do not open offline; the queue still works.
  }
}

for (const button of document.querySelectorAll("[data-update] button")) {
  button.addEventListener("click", () => window.location.reload());
}

// --- on the home screen ---------------------------------------------------------------------------------------------

const HINT = "solidarity.install";
const installed = window.matchMedia("(display-mode: standalone)").matches || navigator.standalone;

/** Firefox on a computer cannot install the app: the hint must not name its menu. */
const cannot = /Firefox\//.test(navigator.userAgent) && !/Android|Mobile|Tablet/.test(navigator.userAgent);

function hint(prompt) {
  let dismissed = null;
  try {
    dismissed = window.localStorage.getItem(HINT);
  } catch {
    // Storage is blocked: the hint is shown each time.
  }
  for (const box of document.querySelectorAll("[data-install]")) {
    const always = "always" in box.dataset;
    box.hidden = installed || (!always && (cannot || Boolean(dismissed)));
    const button = box.querySelector("[data-install-now]");
    button.hidden = !prompt;
    box.querySelector("[data-install-how]").hidden = Boolean(prompt) || cannot;
    box.querySelector("[data-install-cannot]")?.toggleAttribute("hidden", !cannot); // absent in older cached pages
    button.onclick = async () => {
      await prompt.prompt();
      box.hidden = true;
    };
    box.querySelector("[data-install-dismiss]")?.addEventListener("click", () => {
      box.hidden = true;
      try {
        window.localStorage.setItem(HINT, "no");
      } catch {
        // The hint is shown again next time.
      }
    });
  }
}

window.addEventListener("beforeinstallprompt", (event) => {
  event.preventDefault();
  hint(event);
});
hint(null);
for (const words of document.querySelectorAll("[data-install-helps]")) words.hidden = cannot;

forgetStops(() => false).catch(() => {});
onChange(show);
onChange(sendHeld);
const first = sendNow().catch(() => {});
if (document.readyState === "complete") register();
else window.addEventListener("load", register);
