// The encounter form: its questions depend on whether somebody was met and whether it was on a tour.

import { account, pending } from "../phone_queue/queue.js";
import "./draft.js";
import "./place.js";
import "../attachments/voice.js";
import "./when.js";
import "./nobody.js";

const form = document.querySelector("form[data-encounter]");
const field = (name) => form.elements.namedItem(name);

function show() {
  const persons = Number(field("persons").value || 0);
  for (const box of form.querySelectorAll("[data-when-met]")) box.hidden = persons === 0;
  for (const box of form.querySelectorAll("[data-outside-tour]")) box.hidden = tourOf() !== "";
  const own = field("association")?.value;
  for (const box of form.querySelectorAll("[data-asked-by]")) box.hidden = Boolean(own) && own !== box.dataset.askedBy;
  const gave = form.querySelector("input[name=given]:checked");
  field("contacts").placeholder = gave ? String(persons) : "0";
  field("contacts").max = String(persons || "");
}

/** Nobody was met and the position is unknown: ask on the map. */
function askOnMap(reason) {
  field("persons").value = "0";
  field("persons").dispatchEvent(new Event("input", { bubbles: true }));
  show();
  const place = form.querySelector("[data-place]");
  const state = place.querySelector("[data-place-state]");
  if (reason) state.textContent = reason;
  place.scrollIntoView({ block: "start" });
}

const tourOf = () => form.querySelector("input[name=tour]:checked, input[name=tour][type=hidden]")?.value ?? "";

/** On a tour, take the position of the phone. Once the encounter is saved, offer a link back to tour mode. */
function onTour() {
  const isOn = tourOf() !== "";
  for (const link of document.querySelectorAll("[data-when-on-tour]")) link.hidden = !isOn;
  const isElsewhere = /^#(edit=|nobody)/.test(window.location.hash); // a correction, or with a map
  if (isOn && !isElsewhere) form.querySelector("[data-place]").dispatchEvent(new Event("place:take"));
}

/** Attach this encounter to a tour that was started offline and waits on this phone; the page does not list it yet. */
async function joinWaitingTour() {
  const waiting = (await pending()).filter((item) => item.account === account());
  const ended = new Set(waiting.filter((item) => ["tour-stop", "tour-minutes"].includes(item.kind)).map((item) => item.parent));
  const begun = waiting.filter((item) => item.kind === "tour-start" && !ended.has(item.id)).pop();
  const tour = field("tour");
  if (!begun || !tour || form.querySelector("[data-waiting-tour]")) return;
  for (const choice of form.querySelectorAll("input[name=tour]")) choice.checked = false;
  if (tour instanceof HTMLInputElement && tour.type === "hidden") tour.value = begun.id;
  else form.append(Object.assign(document.createElement("input"), { type: "hidden", name: "tour", value: begun.id }));
  form.querySelector("input[name=tour][type=hidden]").dataset.waitingTour = "";
  show();
}

// The kinds asked for and given last time, on this phone and under this account. No place and no text is stored.
const LAST = `solidarity.last.${form.dataset.draft}`;
const KINDS = ["asked", "given"];
const again = form.querySelector("[data-last-time]");

function lastTime() {
  try {
    return JSON.parse(window.localStorage.getItem(LAST));
  } catch {
    return null;
  }
}

function rememberKinds() {
  const chosen = (name) => Array.from(form.querySelectorAll(`input[name=${name}]:checked`), (box) => box.value);
  const now = Object.fromEntries(KINDS.map((name) => [name, chosen(name)]));
  try {
    if (KINDS.some((name) => now[name].length)) window.localStorage.setItem(LAST, JSON.stringify(now));
  } catch {
    // Storage is blocked: there is no “as last time”.
  }
}

function showLastTime() {
  again.hidden = !lastTime();
}

again.addEventListener("click", () => {
  const last = lastTime() ?? {};
  for (const name of KINDS)
    for (const box of form.querySelectorAll(`input[name=${name}]`))
      box.checked = last[name]?.includes(box.value) ?? false;
  form.dispatchEvent(new Event("input", { bubbles: true }));
});
form.addEventListener("submit", rememberKinds, { capture: true });
form.querySelector("[data-place-later]").addEventListener("click", rememberKinds, { capture: true });
form.addEventListener("reset", showLastTime);
showLastTime();

/** A report without a place can be saved on this phone and completed later. */
function showLater() {
  form.querySelector("[data-place-later]").hidden = Boolean(field("latitude").value && field("longitude").value);
}
form.addEventListener("input", showLater);
form.addEventListener("change", showLater);
form.addEventListener("draft:filled", showLater);
form.addEventListener("place:taken", showLater);
showLater();

form.addEventListener("input", show);
form.addEventListener("change", show);
form.addEventListener("draft:filled", show);
document.addEventListener("nobody:map", (event) => askOnMap(event.detail.reason));
show();
await joinWaitingTour().catch(() => {}); // no database on this device: no tour waits on it
if (window.location.hash === "#nobody") askOnMap(document.querySelector("form[data-nobody]")?.dataset.refused ?? "");
onTour();
form.addEventListener("draft:filled", onTour);
form.addEventListener("change", ({ target }) => { if (target.name === "tour") onTour(); });

// “Where can they go?” is loaded when somebody opens it.
document.querySelector("[data-where-to-go]")?.addEventListener("toggle", () => import("../find_help/where-to-go.js"), { once: true });
