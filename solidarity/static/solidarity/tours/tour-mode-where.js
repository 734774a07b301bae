// The team's position: measured at low power, or a ticked cell. The track never leaves the phone.

import { cellOf, change, now, page, part, words } from "./tour-mode-now.js";
import { extend } from "./tour-mode-time.js";

const VAGUE = 250; // metres
let watch = null;

export function measure() {
  if (watch !== null || !navigator.geolocation || !now.h3 || now.state.pausedAt || now.state.manual) return;
  part("state").textContent = words.looking;
  // Low power: for cells of 350 m, rough positions and positions of the last 30 s are good enough.
  const options = { enableHighAccuracy: false, maximumAge: 30e3, timeout: 60e3 };
  watch = navigator.geolocation.watchPosition(found, lost, options);
}

export function rest() {
  if (watch !== null) navigator.geolocation.clearWatch(watch);
  watch = null;
}

function found({ coords }) {
  if (coords.accuracy > VAGUE) {
    part("state").textContent = words.coarse;
    return;
  }
  change(() => {
    if (now.state.pausedAt || now.state.manual) return;
    const point = { t: Date.now(), lat: coords.latitude, lng: coords.longitude };
    extend(now.state.legs, point, cellOf);
    now.state.cell = cellOf(point.lat, point.lng);
    now.state.moved = point.t;
  });
  part("state").textContent = words.on;
}

export function lost({ code }) {
  if (code === 3) return; // a timeout: the watch continues
  part("state").textContent = words.off;
  part("cells").open = true;
  if (code === 1) rest();
}

/** Ask for a position while the phone does not move, because the watch reports nothing then. */
export function askAgain() {
  const last = now.state.legs.at(-1)?.at(-1);
  if (watch !== null && document.visibilityState === "visible" && last && Date.now() - last.t > 60e3) {
    const options = { enableHighAccuracy: false, maximumAge: 30e3, timeout: 20e3 };
    navigator.geolocation.getCurrentPosition(found, () => {}, options);
  }
}

export function closeStay() {
  const stay = now.state.stays.at(-1);
  if (stay && stay.to === null) stay.to = Math.max(Date.now(), stay.from);
}

/** “I am here”: time counts for this cell until another one is ticked. Ticking it again turns it off. */
export function tick(cell) {
  return change(() => {
    const off = now.state.manual && now.state.cell === cell;
    closeStay();
    now.state.manual = !off;
    now.state.cell = off ? null : cell;
    now.state.moved = Date.now();
    if (now.state.legs.at(-1)?.length) now.state.legs.push([]);
    if (!off && !now.state.pausedAt) now.state.stays.push({ cell, from: Date.now(), to: null });
  }).then(() => { if (now.state.manual) rest(); else measure(); });
}

export function pause() {
  return change(() => {
    if (now.state.pausedAt) {
      now.state.pausedAt = null;
      if (now.state.manual) now.state.stays.push({ cell: now.state.cell, from: Date.now(), to: null });
    } else {
      closeStay();
      if (now.state.legs.at(-1)?.length) now.state.legs.push([]);
      now.state.pausedAt = Date.now();
    }
  }).then(() => { if (now.state.pausedAt) rest(); else measure(); });
}
