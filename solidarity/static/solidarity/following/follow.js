// The follow page refreshes itself: it asks for its live part and replaces what has changed. It pauses while the page
// is hidden, and asks less often when nothing changes. Without network it keeps its content and says so. This script
// also opens the share sheet, if the phone has one.

import { poll } from "../poll.js";

const EVERY = 20e3;
const SELDOM = 60e3; // when nothing changes, and in data-saving mode

const live = document.querySelector("[data-follow-live]");
const said = document.querySelector("[data-follow-said]");
const fresh = document.querySelector("[data-follow-fresh]");
const freshWords = fresh.textContent;

let checksWords = Boolean(document.querySelector("[data-pii-check]")); // the page has loaded the check already
let etag = `"${live.dataset.followVersion}"`;

/** Whether somebody is typing in a part, or has typed in it. Such a part is not replaced until the form is sent. */
function isInUse(part) {
  const typed = [...part.querySelectorAll("textarea, input[type=text]")].some((field) => field.value !== "");
  const chosen = [...part.querySelectorAll("input[type=radio], input[type=checkbox]")].some((field) => field.checked !== field.defaultChecked);
  const { activeElement } = document;
  return typed || chosen || (part.contains(activeElement) && activeElement.matches("textarea, input"));
}

/** Replace the parts that changed; return whether all could be replaced. */
function show(html) {
  const page = new DOMParser().parseFromString(html, "text/html");
  const before = live.querySelector("[data-follow-now]").textContent;
  let complete = true;
  const seen = new Set();
  for (const part of page.querySelectorAll("[data-follow-part]")) {
    const name = part.dataset.followPart;
    const old = live.querySelector(`[data-follow-part="${name}"]`);
    seen.add(name);
    if (!old) live.append(part);
    else if (isInUse(old)) complete = false;
    else {
      if (old.open) part.open = true; // the list of steps stays open
      const focused = old.contains(document.activeElement) ? document.activeElement : null;
      old.replaceWith(part);
      if (focused) part.querySelector(focused.value ? `[value="${focused.value}"]` : "summary, a, button")?.focus();
    }
  }
  for (const old of live.querySelectorAll("[data-follow-part]")) if (!seen.has(old.dataset.followPart)) old.remove();
  if (!checksWords && live.querySelector("[data-pii-check]")) {
    checksWords = true;
    import("../pii_check/on-entry.js").catch(() => { checksWords = false; });
  }
  const now = live.querySelector("[data-follow-now]").textContent;
  said.textContent = now === before ? live.dataset.new : now;
  return complete;
}

/** Keep this page on the phone, so that its last state opens without a network; never one that may show violence. */
async function keep() {
  if (!live.hasAttribute("data-follow-keep") || !("caches" in window)) return;
  const pages = await caches.open("solidarity-pages");
  const answer = await fetch(window.location.pathname, { credentials: "same-origin", cache: "no-store" });
  if (!answer.ok || answer.redirected) return;
  await pages.put(window.location.pathname, answer);
  live.toggleAttribute("data-kept", true);
}

keep().catch(() => {}); // no room, or no network

poll({
  address: () => live.dataset.followLive,
  etag: () => etag,
  every: EVERY,
  seldom: SELDOM,
  timeout: 15e3,
  async changed(answer) {
    if (show(await answer.text())) etag = answer.headers.get("ETag") ?? "";
    fresh.textContent = freshWords;
    keep().catch(() => {});
  },
  same() {
    fresh.textContent = freshWords;
  },
  lost(status) {
    if (status === 404) window.location.reload(); // erased: the page says so itself
    else fresh.textContent = fresh.dataset.lost;
  },
});

for (const button of document.querySelectorAll("[data-share]")) {
  button.hidden = !navigator.share;
  button.addEventListener("click", async () => {
    try {
      await navigator.share({ title: document.title, url: button.dataset.share });
    } catch (error) {
      if (error.name !== "AbortError") document.querySelector("[data-copy]").click();
    }
  });
}
