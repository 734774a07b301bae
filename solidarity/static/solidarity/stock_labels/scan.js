// Scan labels of the stock into the phone queue. The camera is used where the browser reads QR codes (BarcodeDetector);
// everywhere else the code is typed.

import { QueueFull, enqueue, newId, onChange, outcome, withdraw } from "../phone_queue/queue.js";
import { toursHere } from "../tours/tours-here.js";

const HELD = 8000; // milliseconds in which a scan can be undone before it is sent
const LABEL = /^[2-9A-HJKMNP-TV-Z]{10}$/;
const AGAIN = 2500; // the same label within this time is the same scan

const form = document.querySelector("[data-stock-scan]");
const part = (name) => form.querySelector(`[data-stock-${name}]`);
const read = (id) => JSON.parse(document.getElementById(id).textContent);
const names = new Map(read("stock-items").map(({ label, name }) => [label, name]));
const rows = new Map(); // id of a scan → its line on the page
const said = part("said");
let stream = null;
let last = { label: "", at: 0 };

function plain(text) {
  return text.toUpperCase().replaceAll(/[^A-Z0-9]/g, "");
}

async function save(text) {
  const label = plain(text);
  if (!LABEL.test(label)) {
    said.textContent = form.dataset.bad;
    return false;
  }
  const fields = {
    label, tour: form.elements.tour.value, reason: form.elements.reason.value, quantity: form.elements.quantity.value,
  };
  const id = newId();
  try {
    await enqueue({
      id, kind: "stock-scan", fields, summary: { persons: 0, given: false, tour: fields.tour },
      edit: window.location.pathname, heldUntil: Date.now() + HELD,
    });
  } catch (error) {
    if (!(error instanceof QueueFull)) throw error;
    said.textContent = form.dataset.full;
    return false;
  }
  add(id, label, fields);
  said.textContent = `${fields.quantity} × ${names.get(label) ?? form.dataset.unknown}`;
  form.elements.label.value = "";
  form.elements.quantity.value = "1";
  navigator.vibrate?.(60);
  return true;
}

function add(id, label, { reason, quantity }) {
  const choice = form.querySelector(`[name=reason][value=${reason}]`).closest("label").textContent.trim();
  const row = document.createElement("li");
  const what = document.createElement("span");
  what.textContent = `${quantity} × ${names.get(label) ?? label}: ${choice}`;
  const state = document.createElement("span");
  state.textContent = form.dataset.waits;
  state.dataset.state = "waits";
  const undo = document.createElement("button");
  undo.type = "button";
  undo.className = "btn btn-secondary btn-sm";
  undo.textContent = form.dataset.undo;
  undo.addEventListener("click", async () => {
    if (await withdraw(id)) {
      rows.delete(id);
      row.remove();
      said.textContent = "";
    } else undo.remove();
  });
  setTimeout(() => undo.remove(), HELD);
  row.append(what, state, undo);
  part("list").prepend(row);
  rows.set(id, state);
}

onChange(async () => {
  for (const [id, state] of rows) {
    const { state: became } = await outcome(id);
    if (became === "waiting") continue;
    state.textContent = became === "acknowledged" ? form.dataset.sent : form.dataset.refused;
    state.dataset.state = became;
    rows.delete(id);
  }
});

form.addEventListener("submit", (event) => {
  event.preventDefault();
  save(form.elements.label.value);
});

// --- tours that began on this phone, perhaps without network ----------------------------------------------------------

async function listTours() {
  const known = read("stock-tours");
  const { tours } = await toursHere(known, read("stock-made"));
  const select = part("tours");
  const chosen = select.value;
  select.replaceChildren(...tours.map(({ id, began, association = "" }) => {
    const at = new Date(began).toLocaleString(document.documentElement.lang, { weekday: "short", hour: "2-digit", minute: "2-digit" });
    return new Option([at, association].filter(Boolean).join(" · "), id);
  }));
  if (tours.some(({ id }) => id === chosen)) select.value = chosen;
  part("no-tour").hidden = tours.length > 0;
}

// --- the camera ------------------------------------------------------------------------------------------------------

async function open() {
  try {
    stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
  } catch {
    said.textContent = form.dataset.noCamera;
    return;
  }
  const video = form.querySelector("video");
  video.srcObject = stream;
  await video.play();
  part("camera").hidden = false;
  const detector = new window.BarcodeDetector({ formats: ["qr_code"] });
  while (stream) {
    const [found] = await detector.detect(video).catch(() => []);
    const label = plain(found?.rawValue ?? "");
    const repeated = label === last.label && Date.now() - last.at < AGAIN;
    if (LABEL.test(label)) last = { label, at: Date.now() };
    if (LABEL.test(label) && !repeated) await save(label);
    await new Promise((next) => { setTimeout(next, 200); });
  }
}

function close() {
  for (const track of stream?.getTracks() ?? []) track.stop();
  stream = null;
  part("camera").hidden = true;
}

async function offerCamera() {
  const formats = await window.BarcodeDetector?.getSupportedFormats?.().catch(() => []);
  const able = Boolean(formats?.includes("qr_code") && navigator.mediaDevices?.getUserMedia);
  part("open").hidden = !able;
  part("save").classList.toggle("btn-primary", !able);
  part("save").classList.toggle("btn-secondary", able);
}

part("open").addEventListener("click", () => (stream ? close() : open()));
document.addEventListener("visibilitychange", () => { if (document.hidden) close(); });
form.elements.label.setAttribute("list", "stock-labels");
offerCamera();
await listTours();
form.dataset.ready = "";
