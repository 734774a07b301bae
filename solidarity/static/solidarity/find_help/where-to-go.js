// “Where can they go?” in the encounter form and in tour mode: the nearest places, and a button that notes that
// somebody was told about a place. The note goes through the phone queue; it counts neither as an encounter nor as
// help.

import { enqueue } from "../phone_queue/queue.js";

const box = document.querySelector("[data-where-to-go]");
const part = (name) => box.querySelector(`[data-where-${name}]`);
const say = (text) => { part("state").textContent = text; };
const form = box.closest("form");
let list = null;
let places = null; // the module of lists, loaded when the box is opened
let here = null;

/**
 * The place of the encounter: {lat, lng, fields}. fields: the form fields with this place. Null if nobody has given a
 * place yet.
 */
async function spot() {
  if (form) {
    const [lat, lng] = ["latitude", "longitude"].map((name) => form.elements.namedItem(name)?.value.trim().replace(",", "."));
    return lat && lng ? { lat: Number(lat), lng: Number(lng), fields: { latitude: lat, longitude: lng } } : null;
  }
  const { now } = await import("../tours/tour-mode-now.js");
  const cell = now.state?.cell;
  if (!cell || !now.h3) return null;
  const [lat, lng] = now.h3.cellToLatLng(cell);
  return { lat, lng, fields: { cell } };
}

/** The tour and the association to which the report belongs, if they are known. */
async function belongs() {
  if (!form) {
    const { now } = await import("../tours/tour-mode-now.js");
    return { tour: now.state?.tour.id ?? "" };
  }
  const chosen = (name) => new FormData(form).get(name) ?? "";
  return { tour: chosen("tour"), association: chosen("association") };
}

async function locate() {
  const known = await spot().catch(() => null);
  return known ?? { ...(await places.position()), fields: {} };
}

async function fetchHere() {
  const found = await locate();
  if (here && list && here.lat === found.lat && here.lng === found.lng) {
    say("");
    return;
  }
  here = found;
  delete box.dataset.listed;
  try {
    list = new places.PlacesList(part("list"), await places.fetchList(box.dataset.near, here));
    say("");
  } catch {
    const html = await places.keptList();
    list = html ? new places.PlacesList(part("list"), html) : null;
    const time = list && new Date(list.made).toLocaleString(document.documentElement.lang, { dateStyle: "short", timeStyle: "short" });
    say(list ? box.dataset.old.replace("TIME", time) : box.dataset.failed);
  }
  for (const row of list?.rows ?? []) {
    row.hidden = true;
    if (row.dataset.key) addButton(row); // an event is no place of the guide
  }
}

function addButton(row) {
  const button = part("told").content.firstElementChild.cloneNode(true);
  button.addEventListener("click", () => told(row, button));
  row.querySelector(".find-row__ways").append(button);
}

async function told(row, button) {
  const kind = box.querySelector("[data-where-kind][aria-pressed=true]").dataset.whereKind;
  try {
    const fields = { place: row.dataset.key, kind, ...(await belongs()), ...here.fields };
    await enqueue({ kind: "signposted", fields });
    button.disabled = true;
    button.querySelector("[data-where-words]").textContent = button.dataset.done;
  } catch (error) {
    if (error?.name !== "QueueFull") throw error;
    say(box.dataset.full);
  }
}

/** The box was opened: fetch the nearest places. */
async function open() {
  say(box.dataset.looking);
  try {
    places ??= await import("./places-list.js");
    await fetchHere();
  } catch {
    say(box.dataset.nowhere);
  }
}

function choose(kind) {
  for (const button of box.querySelectorAll("[data-where-kind]")) {
    button.setAttribute("aria-pressed", String(button.dataset.whereKind === kind));
  }
  list.show({ kind, here, most: 5 });
  box.dataset.listed = "";
}

document.head.append(Object.assign(document.createElement("link"), { rel: "stylesheet", href: box.dataset.style }));
box.addEventListener("toggle", () => { if (box.open) open(); });
box.addEventListener("click", (event) => {
  const kind = event.target.closest("[data-where-kind]")?.dataset.whereKind;
  if (kind) choose(kind);
});
if (box.open) open();
