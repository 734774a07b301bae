// On every page: the service worker, what waits (its number), sending at the right moments, signing out, new versions,
// putting the app on the home screen. Hooks: data-outbox-band, data-outbox-count, data-outbox-refused, data-update,
// data-install, form[data-sign-out].

import { account, drain, hello, onChange, pending, store } from "./queue.js";

const RETRY = [5e3, 15e3, 60e3, 300e3];
const PAGES = "solidarity-pages";
const TILES = "solidarity-tiles";
const PAGES_AGE = 30 * 60e3;
const data = document.querySelector("[data-app]")?.dataset ?? {};

// --- what waits ------------------------------------------------------------------------------------------------------

function show(waiting) {
  const refused = waiting.filter((item) => item.state === "refused" && item.problem?.code !== "place").length;
  for (const box of document.querySelectorAll("[data-outbox-band]")) {
    box.hidden = waiting.length === 0;
    box.toggleAttribute("data-attention", refused > 0);
    const text = waiting.length === 1 ? box.dataset.one : waiting.length ? box.dataset.many?.replace("NUMBER", waiting.length) : "";
    const more = refused === 1 ? box.dataset.refusedOne : refused ? box.dataset.refusedMany?.replace("NUMBER", refused) : "";
    const words = box.querySelector("[data-outbox-words]");
    const said = [text, more].filter(Boolean).join(" ");
    if (words && words.textContent !== said) words.textContent = said;
  }
  for (const box of document.querySelectorAll("[data-outbox-count]")) {
    box.hidden = waiting.length === 0;
    box.textContent = String(waiting.length);
  }
}

let timer = 0;
let round = 0;

/** Send now, and again after a while when it could not be sent. */
async function sendNow() {
  window.clearTimeout(timer);
  if (!(await pending().catch(() => [])).some((item) => item.state !== "refused")) {
    document.dispatchEvent(new CustomEvent("outbox:reason", { detail: { reason: "" } }));
    return;
  }
  const { sent, reason } = await drain();
  round = sent ? 0 : round;
  // navigator.onLine may say yes on a network that leads nowhere: what happened to a request knows better.
  for (const band of document.querySelectorAll("[data-when-offline]")) if (reason !== "storage") band.hidden = navigator.onLine && reason !== "offline";
  document.dispatchEvent(new CustomEvent("outbox:reason", { detail: { reason } }));
  if (["offline", "server"].includes(reason)) {
    timer = window.setTimeout(sendNow, RETRY[Math.min(round, RETRY.length - 1)] * (0.8 + Math.random() * 0.4));
    round += 1;
  }
}

window.addEventListener("online", () => { round = 0; sendNow(); });
document.addEventListener("visibilitychange", () => { if (document.visibilityState === "visible") sendNow(); });
document.addEventListener("outbox:send", () => { round = 0; sendNow(); });

// --- pages that open without network -----------------------------------------------------------------------------------

/** Keep the reader's own pages, for one account: at sign-in, when a new version came, and now and then. */
async function keepPages() {
  if (!("caches" in window) || !navigator.onLine) return;
  const kept = (await store.recall("pages")) ?? {};
  const now = { account: account(), version: data.version, language: data.chosen };
  const other = now.account !== "" && kept.account && kept.account !== now.account;
  if (other) await forgetOwn(); // somebody else's forms and map
  if (now.account === "" && kept.account && Date.now() - kept.at < 14 * 24 * 3600e3) return; // a session that ran out keeps its forms
  const same = kept.account === now.account && kept.version === now.version && kept.language === now.language;
  if (same && Math.abs(Date.now() - kept.at) < PAGES_AGE) return;
  const [{ pages: forms, letters }, map] = [await hello(), await ownMap()];
  await keepLetters(letters ?? []);
  const pages = [...forms, ...map.pages];
  const cache = await caches.open(PAGES);
  for (const { url } of await cache.keys()) if (!pages.includes(new URL(url).pathname)) await cache.delete(url);
  const answers = pages.map(async (path) => {
    const answer = await fetch(path, { credentials: "same-origin", redirect: "error", cache: "no-store", priority: "low", headers: { "X-Kept": "1" } });
    if (!answer.ok) throw new Error(path);
    await cache.put(path, answer);
  });
  const all = await Promise.allSettled(answers);
  if (all.every((each) => each.status === "fulfilled")) await store.note("pages", { ...now, at: Date.now() });
  await keepFiles(map.files);
}

/** What the reader's language needs beside the files that every phone keeps: styles from right to left, letters. */
async function keepLetters(files) {
  const cache = await caches.open(`solidarity-files-${data.version}`);
  for (const path of files) {
    if (await cache.match(path)) continue;
    const answer = await fetch(path).catch(() => null);
    if (answer?.ok) await cache.put(path, answer);
  }
}

/** The page and the release of the reader's territory; nothing for those who have none, or who save their data. */
async function ownMap() {
  const none = { pages: [], files: [] };
  if (!account() || !data.keptMap || navigator.connection?.saveData) return none;
  const answer = await fetch(data.keptMap, { credentials: "same-origin", redirect: "error" }).catch(() => null);
  return answer?.ok ? answer.json() : none;
}

async function keepFiles(files) {
  const cache = await caches.open(TILES);
  for (const { url } of await cache.keys()) {
    const { pathname } = new URL(url);
    if (pathname.includes("/release/") && !files.includes(pathname)) await cache.delete(url); // an older release
  }
  for (const path of files) {
    if (path.includes("/release/") && (await cache.match(path))) continue; // it never changes at this address
    const answer = await fetch(path, { credentials: "same-origin", redirect: "error", priority: "low" }).catch(() => null);
    if (answer?.status === 200) await cache.put(path, answer);
  }
}

async function forgetOwn() {
  await caches.delete(PAGES);
  await caches.delete(TILES);
  window.indexedDB?.deleteDatabase("solidarity-walk"); // the way of a tour under way (needs/walk.js)
}

// --- signing out -------------------------------------------------------------------------------------------------------

/** What is one's own goes from this phone at sign-out; what has not been sent stays, after a word. */
for (const form of document.querySelectorAll("form[data-sign-out]")) {
  form.addEventListener("submit", async (event) => {
    if (form.dataset.sure) return;
    event.preventDefault();
    const mine = (await pending().catch(() => [])).filter((item) => item.account === account());
    const dialog = document.querySelector("[data-sign-out-dialog]");
    if (mine.length && dialog && !(await agreed(dialog, mine.length))) return;
    try {
      await forgetOwn();
      await store.note("pages", null);
    } catch {
      // Nothing was kept.
    }
    form.dataset.sure = "1";
    form.submit();
  });
}

function agreed(dialog, number) {
  dialog.querySelector("[data-sign-out-number]").textContent = number === 1 ? dialog.dataset.one : dialog.dataset.many.replace("NUMBER", number);
  return new Promise((decided) => {
    dialog.addEventListener("close", () => decided(dialog.returnValue === "leave"), { once: true });
    dialog.returnValue = "";
    dialog.showModal();
  });
}

// --- the service worker ------------------------------------------------------------------------------------------------

async function register() {
  if (!("serviceWorker" in navigator) || !data.worker) return;
  let known = Boolean(navigator.serviceWorker.controller);
  // A new version takes over without touching this page: what stands in it stays until somebody reloads it.
  navigator.serviceWorker.addEventListener("controllerchange", () => {
    if (known) for (const box of document.querySelectorAll("[data-update]")) box.hidden = false;
    known = true;
  });
  try {
    await navigator.serviceWorker.register(data.worker, { scope: "/", updateViaCache: "none" });
    const { active } = await navigator.serviceWorker.ready;
    await first; // what waits goes before what may be read some day
    await keepPages();
    // Not to the page's controller: Firefox may leave a page that was on its way during installation without one.
    if (account() && !navigator.connection?.saveData) active.postMessage("keep map");
  } catch {
    // Without it pages do not open offline; the queue works all the same.
  }
}

for (const button of document.querySelectorAll("[data-update] button")) button.addEventListener("click", () => window.location.reload());

// --- on the home screen --------------------------------------------------------------------------------------------------

const HINT = "solidarity.install";
const installed = window.matchMedia("(display-mode: standalone)").matches || navigator.standalone;

/** Firefox on a computer puts nothing on a home screen: it must not be told to look for that in its menu. */
const cannot = /Firefox\//.test(navigator.userAgent) && !/Android|Mobile|Tablet/.test(navigator.userAgent);

function hint(prompt) {
  let dismissed = null;
  try {
    dismissed = window.localStorage.getItem(HINT);
  } catch {
    // Storage is refused: it is shown each time.
  }
  for (const box of document.querySelectorAll("[data-install]")) {
    const always = "always" in box.dataset;
    box.hidden = installed || (!always && (cannot || Boolean(dismissed)));
    const button = box.querySelector("[data-install-now]");
    button.hidden = !prompt;
    box.querySelector("[data-install-how]").hidden = Boolean(prompt) || cannot;
    box.querySelector("[data-install-cannot]")?.toggleAttribute("hidden", !cannot); // a page kept from before has none
    button.onclick = async () => {
      await prompt.prompt();
      box.hidden = true;
    };
    box.querySelector("[data-install-dismiss]")?.addEventListener("click", () => {
      box.hidden = true;
      try {
        window.localStorage.setItem(HINT, "no");
      } catch {
        // It comes back next time.
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

onChange(show);
const first = sendNow().catch(() => {});
if (document.readyState === "complete") register();
else window.addEventListener("load", register);
