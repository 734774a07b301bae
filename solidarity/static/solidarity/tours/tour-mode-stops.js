// The stops of the tour: the next one with its buttons, the others folded. Exact places come from the server while the
// tour is under way. They are stored with the tour's state only, which is deleted when the tour ends, at sign-out, when
// somebody else signs in, and when their time is over. The outcome of a stop goes through the phone queue.

import { enqueue, hello, newId, store, withdraw } from "../phone_queue/queue.js";
import { SECONDS, offerUndo } from "../undo/undo.js";
import { change, now, page, part, words } from "./tour-mode-now.js";

const HOLD = (SECONDS + 2) * 1000; // milliseconds in which Undo takes an outcome out of the queue
const NO_TOUR = /0{8}(-0{4}){3}-0{12}/; // in the address that the page gives
const AGAIN = 2 * 60e3; // how often the server is asked
let asked = 0;
let chosen = ""; // id of the stop that is shown with its buttons; "" for the first

const ahead = () => (now.state.stops ?? []).filter(({ id }) => !(id in (now.state.said ?? {})));

/** Delete the stops from the phone. meta "stops" tells every page of the app until when they may stay (app.js). */
async function forgetStops() {
  await store.note("stops", null);
  await change(() => { delete now.state.stops; });
}

/** Ask the server for the stops with their places. Without a network the stored ones stay. */
export async function askForStops(isForced = false) {
  if (now.state.until && Date.now() > now.state.until) await forgetStops();
  if (now.state.done || !navigator.onLine || (!isForced && Date.now() - asked < AGAIN)) return;
  asked = Date.now();
  try {
    const { csrf } = await hello();
    const answer = await fetch(page.dataset.stopsOf.replace(NO_TOUR, now.state.tour.id), {
      method: "POST", headers: { "X-CSRFToken": csrf }, credentials: "same-origin", redirect: "error", cache: "no-store",
    });
    if (answer.status === 404 && now.state.stops) await forgetStops(); // taken back, or no longer of the association
    if (!answer.ok) return;
    const { stops, until } = await answer.json();
    await store.note("stops", stops.length ? { tour: now.state.tour.id, until } : null);
    await change(() => {
      if (now.state.done) return;
      now.state.stops = stops;
      now.state.until = until;
    });
  } catch {
    asked = 0; // no network: ask again on the next occasion
  }
}

// --- drawing ---------------------------------------------------------------------------------------------------------

let drawn = "";

/** Draw the stops, if they have changed: a button must not be replaced under a finger. */
export function drawStops() {
  const list = ahead();
  part("stops").hidden = !list.length;
  const shown = list.find(({ id }) => id === chosen) ?? list[0];
  const state = JSON.stringify([list, shown?.id]);
  if (state === drawn) return;
  drawn = state;
  part("stop").replaceChildren(...(shown ? [card(shown)] : []));
  const others = list.filter((each) => each !== shown);
  part("stops-more").hidden = !others.length;
  part("stops-number").textContent = String(others.length);
  part("stops-list").replaceChildren(...others.map(row));
}

const make = (tag, fields, ...parts) => {
  const made = Object.assign(document.createElement(tag), fields);
  made.append(...parts.filter(Boolean));
  return made;
};

function row(stop) {
  const place = make("small", { textContent: `${stop.name}${walkWords(stop)}` });
  const button = make("button", { type: "button", className: "btn btn-secondary" }, heading(stop), place);
  button.addEventListener("click", () => {
    chosen = stop.id;
    now.draw();
    part("stop").scrollIntoView({ block: "nearest" });
  });
  return make("div", { className: "tour-mode-row" }, button);
}

const walkWords = ({ walk }) => (walk ? ` · ${words.min.replace("NUMBER", walk)}` : "");

function heading({ number, title, urgency }) {
  const tag = urgency && make("span", { className: `tag${urgency.code === "now" ? " tag--danger" : ""}`, textContent: urgency.label });
  return make("span", {}, `${number}. ${title} `, tag);
}

/** The stop with everything that the crew needs: what is needed, where, and the outcome. */
function card(stop) {
  const box = part("stop-card").content.firstElementChild.cloneNode(true);
  box.dataset.tourStopId = stop.id;
  const at = (name) => box.querySelector(`[data-stop-${name}]`);
  at("title").append(heading(stop));
  at("name").textContent = [stop.name, stop.more].filter(Boolean).join(" · ") + walkWords(stop);
  const lines = [stop.near, stop.where, stop.words, stop.text, stop.problem].filter(Boolean);
  at("lines").replaceChildren(...lines.map((textContent) => make("p", { textContent, dir: "auto" })));
  at("map").hidden = !(stop.point && stop.exact);
  if (stop.point) at("map").href = `geo:${stop.point.join(",")}?q=${stop.point.join(",")}`;
  at("given").hidden = stop.kinds.length < 2 || !stop.outcomes.includes("helped");
  at("kinds").replaceChildren(...stop.kinds.map(kindButton));
  at("more").hidden = !stop.outcomes.includes("not_found"); // not a need
  for (const button of box.querySelectorAll("[data-stop-outcome]")) {
    button.hidden = !stop.outcomes.includes(button.dataset.stopOutcome);
    button.addEventListener("click", () => say(stop, box, button));
  }
  return box;
}

function kindButton({ kind, label }) {
  const button = make("button", { type: "button", className: "btn btn-secondary", textContent: label });
  button.dataset.kind = kind;
  button.setAttribute("aria-pressed", "true");
  button.addEventListener("click", () => {
    button.setAttribute("aria-pressed", String(button.getAttribute("aria-pressed") !== "true"));
  });
  return button;
}

// --- what came of a stop -----------------------------------------------------------------------------------------------

async function say(stop, box, button) {
  const outcome = button.dataset.stopOutcome;
  const pressed = [...box.querySelectorAll("[data-stop-kinds] [aria-pressed=true]")].map(({ dataset }) => dataset.kind);
  const isWhole = pressed.length === stop.kinds.length;
  if (outcome === "helped" && stop.kinds.length && !pressed.length) {
    part("said").textContent = words.gaveNothing;
    return;
  }
  const fields = { stop: stop.id, outcome, seen: box.querySelector("[data-stop-seen] select").value };
  if (outcome === "helped" && !isWhole) Object.assign(fields, { some: "1", given: pressed });
  const id = newId();
  const tour = now.state.tour.id;
  await change(async () => {
    await enqueue({ kind: "stop-outcome", id, parent: tour, fields, summary: {}, heldUntil: Date.now() + HOLD });
    now.state.said = { ...now.state.said, [stop.id]: outcome };
    now.state.moved = Date.now();
  });
  if (!now.state.said?.[stop.id]) return; // the storage is full: nothing was saved
  const name = button.textContent.trim();
  offerUndo(words.stopSaid.replace("OUTCOME", name), async () => {
    if (!(await withdraw(id))) return; // it is being sent
    await change(() => { delete now.state.said[stop.id]; });
  });
  window.setTimeout(() => document.dispatchEvent(new CustomEvent("queue:send")), HOLD + 100);
}
