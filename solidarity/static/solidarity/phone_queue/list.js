// The page “Reports still waiting on this phone”: the list, correcting, deleting, moving the queue to another phone.

import { account, onChange, release, store } from "./queue.js";
import { offerUndo } from "../undo/undo.js";

const FORMAT = "solidarity-queue";
const page = document.querySelector("[data-queue-page]");
const list = page.querySelector("[data-queue-list]");
const template = page.querySelector("template");
const words = JSON.parse(document.getElementById("queue-words").textContent);
const clock = clockOf(document.documentElement.lang);

/** Dates in the server's format: Latin digits, Gregorian calendar, 24 hours; numeric if the browser does not know the
 *  language. */
function clockOf(language) {
  const [known] = Intl.DateTimeFormat.supportedLocalesOf(language);
  const locale = known && known !== "en" ? known : "en-GB";
  const options = { dateStyle: known ? "medium" : "short", timeStyle: "short", hourCycle: "h23" };
  return new Intl.DateTimeFormat(`${locale}-u-ca-gregory-nu-latn`, options);
}

function say(text) {
  page.querySelector("[data-queue-said]").textContent = text;
}

/** Return the state to show for an item. waiting: the ids of all waiting items; an item is sent after its parent. */
function stateOf(item, waiting) {
  if (item.state === "refused") return item.problem?.code === "place" ? "place" : "refused";
  if (item.account !== "" && item.account !== account()) return account() ? "other" : "signin";
  if (item.state === "sending") return "sending";
  if (store.held(item)) return "held";
  if (waiting.has(item.parent)) return "behind";
  return item.tries ? "again" : "queued";
}

function personsOf(number) {
  return Number(number) === 1 ? words.person : words.persons.replace("NUMBER", number);
}

function reasonsOf(item) {
  const { detail = "", errors = {}, code = "" } = item.problem ?? {};
  const named = (label, problem) => (label ? `${label}: ${problem}` : problem);
  const fields = Object.entries(errors).flatMap(([label, all]) => all.map((problem) => named(label, problem)));
  return fields.length ? fields : [detail || (code === "gone" ? words.gone : "")].filter(Boolean);
}

function draw(item, waiting) {
  const row = template.content.firstElementChild.cloneNode(true);
  const part = (name) => row.querySelector(`[data-part=${name}]`);
  const state = stateOf(item, waiting);
  row.dataset.id = item.id;
  row.dataset.state = state;
  part("kind").textContent = words.kinds[item.kind] ?? words.kinds.other;
  part("time").textContent = clock.format(new Date(item.wall));
  part("state").textContent = words.states[state];
  const mine = item.account === "" || item.account === account();
  part("persons").textContent = mine && item.summary?.persons ? personsOf(item.summary.persons) : "";
  const reasons = state === "refused" ? reasonsOf(item) : [];
  for (const reason of reasons) {
    part("reasons").append(Object.assign(document.createElement("li"), { textContent: reason }));
  }
  part("reasons").hidden = !reasons.length;
  const correct = part("correct");
  correct.hidden = !(["refused", "place"].includes(state) && mine && item.edit);
  if (!correct.hidden) correct.href = `${item.edit}#edit=${item.id}`;
  const ticks = state === "refused" && mine ? (item.problem?.ticks ?? []) : [];
  part("as-it-is").hidden = !ticks.length;
  part("as-it-is").addEventListener("click", () => sendAsItIs(item, ticks));
  part("retry").hidden = !(state === "refused" && mine) || ticks.length > 0;
  part("retry").addEventListener("click", async () => {
    await store.change([item.id], { state: "queued", problem: null });
    document.dispatchEvent(new CustomEvent("queue:send"));
  });
  part("delete").hidden = !mine;
  part("delete").addEventListener("click", () => remove(item));
  return row;
}

/** Send a text although the PII check objected to it. The server has stored nothing under this id yet. */
async function sendAsItIs({ id }, ticks) {
  await store.change([id], (item) => {
    const content = JSON.parse(item.body);
    for (const tick of ticks) content.fields[tick] = "on";
    return { body: JSON.stringify(content), state: "queued", problem: null };
  });
  document.dispatchEvent(new CustomEvent("queue:send"));
}

/** Delete an item at once. Undo adds it again, with its files, at its place in the queue. */
async function remove(item) {
  const taken = await store.take(item.id);
  const changed = () => {
    onChange(show);
    document.dispatchEvent(new CustomEvent("queue:send"));
  };
  changed();
  offerUndo(item.tries ? words.deletedMaybe : words.deleted, async () => {
    await store.put(taken);
    changed();
  });
}

async function show(waiting) {
  const ids = new Set(waiting.map((item) => item.id));
  list.replaceChildren(...waiting.map((item) => draw(item, ids)));
  page.dataset.waiting = String(waiting.length);
  for (const box of page.querySelectorAll("[data-when-waiting]")) box.hidden = waiting.length === 0;
  page.querySelector("[data-when-empty]").hidden = waiting.length > 0;
  const foreign = waiting.some((item) => item.account !== "" && item.account !== account() && item.state !== "refused");
  page.querySelector("[data-when-signed-out]").hidden = !(foreign && !account());
  page.querySelector("[data-when-other]")?.toggleAttribute("hidden", !(foreign && account()));
  await showArrived();
}

async function showArrived() {
  const arrived = (await store.arrived()).filter((each) => each.account === "" || each.account === account());
  const box = page.querySelector("[data-queue-arrived]");
  box.hidden = !arrived.length;
  const number = arrived.length;
  const text = number === 1 ? words.arrivedOne : words.arrivedMany.replace("NUMBER", number);
  box.querySelector("[data-arrived-words]").textContent = text;
  const needs = arrived.filter((each) => ["need", "crisis"].includes(each.kind) && each.next)
    .sort((a, b) => b.at - a.at);
  box.querySelector("ul").replaceChildren(...needs.map((each) => {
    const time = `\u2068${clock.format(new Date(each.at))}\u2069`;
    const link = document.createElement("a");
    Object.assign(link, { href: each.next, textContent: words.follow.replace("TIME", time) });
    const row = document.createElement("li");
    row.append(link);
    return row;
  }));
}

async function showStorage() {
  const isPersistent = await navigator.storage?.persisted?.().catch(() => false);
  page.querySelector("[data-storage-persistent]").hidden = !isPersistent;
  page.querySelector("[data-storage-loose]").hidden = Boolean(isPersistent);
}

// --- to another phone ------------------------------------------------------------------------------------------------

function toText(data) {
  let text = "";
  const bytes = new Uint8Array(data);
  for (let start = 0; start < bytes.length; start += 0x8000) {
    text += String.fromCharCode(...bytes.subarray(start, start + 0x8000));
  }
  return btoa(text);
}

/** Return the whole queue as JSON. Times are on the server's clock, as far as this phone knows it. */
async function exported() {
  const contact = (await store.recall("contact")) ?? null;
  const now = Date.now() + (contact?.offset ?? 0);
  const items = [];
  for (const { seq: _seq, state: _state, blob, wall, contact: known, ...item } of await store.all()) {
    const queuedAt = Math.min(wall + (known ?? contact ?? { offset: 0 }).offset, now);
    items.push({ ...item, queuedAt, ...(blob ? { data: toText(await store.blob(item.id)) } : {}) });
  }
  return { format: FORMAT, version: 1, exportedAt: now, items };
}

page.querySelector("[data-queue-export]").addEventListener("click", async () => {
  const text = JSON.stringify(await exported());
  const link = Object.assign(document.createElement("a"), {
    href: URL.createObjectURL(new Blob([text], { type: "application/json" })),
    download: `solidarity-queue-${new Date().toISOString().slice(0, 16).replace(/[:T]/g, "-")}.json`,
  });
  link.click();
  window.setTimeout(() => URL.revokeObjectURL(link.href), 60e3);
  say(words.exported);
});

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

function readItem(item, contact) {
  const text = ["kind", "account", "body"].every((name) => typeof item[name] === "string");
  if (!text || !UUID.test(item.id) || !Number.isFinite(item.queuedAt)) throw new Error("unreadable");
  const bytes = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)).buffer;
  return {
    id: item.id, kind: item.kind, account: item.account, body: item.body, parent: item.parent ?? null,
    after: item.after ?? [], tries: item.tries ?? 0, summary: item.summary ?? {},
    edit: /^\/(?!\/)/.test(item.edit ?? "") ? item.edit : "",
    ...(item.type ? { type: item.type } : {}), ...(item.grant ? { grant: item.grant } : {}),
    wall: item.queuedAt - (contact?.offset ?? 0), contact,
    ...(item.data === undefined ? {} : { data: bytes(item.data) }),
  };
}

page.querySelector("[data-queue-import]").addEventListener("change", async (event) => {
  const [file] = event.target.files;
  if (!file) return;
  try {
    const content = JSON.parse(await file.text());
    if (content.format !== FORMAT || content.version !== 1) throw new Error("another format");
    const contact = (await store.recall("contact")) ?? null;
    const items = content.items.map((item) => readItem(item, contact));
    await store.put(items);
    say(items.length === 1 ? words.importedOne : words.importedMany.replace("NUMBER", items.length));
    onChange(show);
    document.dispatchEvent(new CustomEvent("queue:send"));
  } catch (error) {
    say(error?.name === "QueueFull" ? words.full : words.notImported);
  }
  event.target.value = "";
});

page.querySelector("[data-queue-send]").addEventListener("click", async () => {
  say(words.trying);
  await release();
  document.dispatchEvent(new CustomEvent("queue:send"));
});
document.addEventListener("queue:reason", ({ detail }) => say(words.reasons[detail.reason] ?? ""));

onChange(show);
showStorage();
