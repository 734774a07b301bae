// Danger alarms on the pages of the desk: ask the server every 15 seconds, show the number of alarms, and ring while
// new ones wait. Browsers play sound only after a tap on the page: the sound button is this tap, and stores the choice.

import { poll } from "../poll.js";

const EVERY = 15e3;
const RING_AGAIN = 30e3;
const KEY = "solidarity.alarm-sound";

const box = document.querySelector("[data-alarm-watch]");
const words = box.querySelector("[data-alarm-words]");
const reload = box.querySelector("[data-alarm-reload]");
const button = box.querySelector("[data-alarm-sound]");
const label = box.querySelector("[data-alarm-sound-label]");

let audio = null;
let known = null; // alarms that were waiting when the page was loaded
let shown = null; // the alarms of the last answer; pages listen for "solidarity:alarms" when they change
let etag = "";
let rang = 0;
let waiting = 0;

function wanted() {
  try {
    return window.localStorage.getItem(KEY) === "on";
  } catch {
    return false;
  }
}

function showSound() {
  const on = audio?.state === "running";
  button.setAttribute("aria-pressed", String(on));
  label.textContent = on ? box.dataset.on : box.dataset.off;
}

async function soundOn() {
  audio ??= new AudioContext();
  await Promise.race([audio.resume(), new Promise((done) => { setTimeout(done, 500); })]);
  showSound();
}

/** Three rising tones, twice. */
function ring() {
  if (audio?.state !== "running") return;
  rang = Date.now();
  box.dataset.rang = String(rang);
  for (let number = 0; number < 6; number += 1) {
    const tone = audio.createOscillator();
    const volume = audio.createGain();
    const start = audio.currentTime + number * 0.28 + (number > 2 ? 0.4 : 0);
    tone.frequency.value = 660 + (number % 3) * 220;
    volume.gain.setValueAtTime(0.0001, start);
    volume.gain.exponentialRampToValueAtTime(0.4, start + 0.03);
    volume.gain.exponentialRampToValueAtTime(0.0001, start + 0.24);
    tone.connect(volume).connect(audio.destination);
    tone.start(start);
    tone.stop(start + 0.25);
  }
}

/** Whether the queue lacks an alarm that came after the page was made and before the first answer. */
function queueLacks(alarms) {
  const listed = new Set(Array.from(document.querySelectorAll("[name=alarm]"), ({ value }) => value));
  return document.querySelector(".triage-head") !== null && alarms.some((alarm) => !listed.has(alarm));
}

function show(alarms, count) {
  const before = shown;
  shown = alarms.join();
  if (before === null ? queueLacks(alarms) : before !== shown)
    document.dispatchEvent(new CustomEvent("solidarity:alarms"));
  waiting = count;
  known ??= new Set(alarms);
  for (const each of [known, heard]) {
    for (const alarm of each) if (!alarms.includes(alarm)) each.delete(alarm); // an alarm that opens again is new
  }
  const fresh = alarms.some((alarm) => !known.has(alarm));
  words.textContent = count === 0 ? box.dataset.none
    : count === 1 ? box.dataset.one : box.dataset.many.replace("NUMBER", String(count));
  box.toggleAttribute("data-waiting", count > 0);
  reload.hidden = !fresh;
  for (const badge of document.querySelectorAll("[data-alarm-count]")) {
    badge.textContent = String(count);
    badge.closest("[data-alarm-nav]").hidden = count === 0;
  }
  if (fresh && alarms.some((alarm) => !heard.has(alarm))) ring();
  for (const alarm of alarms) heard.add(alarm);
}

const heard = new Set();

function ringAgain() {
  if (waiting && Date.now() - rang > RING_AGAIN) ring();
}

/** Ask also while the page is hidden: a dispatcher must hear an alarm while they look at another window. */
const ask = poll({
  address: () => box.dataset.alarmWatch,
  etag: () => etag,
  every: EVERY,
  whileHidden: true,
  async changed(answer) {
    const said = await answer.json();
    etag = answer.headers.get("ETag") ?? "";
    show(said.alarms, said.waiting);
    ringAgain();
  },
  same: ringAgain,
  lost() {
    etag = "";
    words.textContent = box.dataset.lost;
  },
});

button.addEventListener("click", async () => {
  const off = audio?.state === "running";
  try {
    window.localStorage.setItem(KEY, off ? "off" : "on");
  } catch {
    // Storage is blocked: the choice lasts as long as the page.
  }
  if (off) await audio.suspend();
  else await soundOn();
  showSound();
  if (!off && waiting) ring();
});
reload.href = window.location.href;
// A page that shows new alarms at once prevents "solidarity:show-alarms" from loading it again.
// On a phone, where there is no room for the button, the words do what it does.
box.querySelector("p").addEventListener("click", (event) => {
  if (reload.hidden || !event.target.closest("a")) return;
  if (document.dispatchEvent(new Event("solidarity:show-alarms", { cancelable: true }))) return;
  event.preventDefault();
  known = new Set(shown.split(","));
  reload.hidden = true;
});
showSound();
if (wanted()) {
  soundOn();
  document.addEventListener("pointerdown", soundOn, { once: true });
}
ask();
