// The page of an exact place: the way on foot, computed on this device.

const EARTH = 6_371_000; // metres
const DETOUR = 1.3; // streets are longer than the straight line
const SPEED = 75; // metres a minute, 4.5 km/h
const FASTEST = 800; // metres a minute, a car in town
const NEAR = 150; // metres from which a person sees the place
const lang = document.documentElement.lang || "en";
const radians = (degrees) => (degrees * Math.PI) / 180;

/** Metres on foot between two points [latitude, longitude]: the straight line, lengthened. */
function walkingMetres([lat0, lng0], [lat1, lng1]) {
  const across = Math.sin(radians(lat1 - lat0) / 2) ** 2
    + Math.cos(radians(lat0)) * Math.cos(radians(lat1)) * Math.sin(radians(lng1 - lng0) / 2) ** 2;
  return DETOUR * 2 * EARTH * Math.asin(Math.sqrt(across));
}

function unit(value, name, digits = 0) {
  return new Intl.NumberFormat(lang, { style: "unit", unit: name, maximumFractionDigits: digits }).format(value);
}

/** Returns "650 m" or "2.3 km". The figure is rounded, because a straight line only approximates the way. */
function distanceWords(metres) {
  const rounded = Math.max(50, Math.round(metres / 50) * 50);
  return rounded < 1000 ? unit(rounded, "meter") : unit(metres / 1000, "kilometer", 1);
}

function timeWords(metres) {
  const minutes = Math.max(1, Math.round(metres / SPEED));
  if (minutes < 60) return unit(minutes, "minute");
  return `${unit(Math.floor(minutes / 60), "hour")} ${unit(minutes % 60, "minute")}`;
}

function readPoint(text) {
  return text.split(",").map(Number);
}

function showWay(box) {
  const said = box.querySelector("[data-walking-said]");
  const to = readPoint(box.dataset.to);
  const say = (words, from) => {
    const metres = walkingMetres(from, to);
    said.textContent = words.replace("DISTANCE", distanceWords(metres)).replace("TIME", timeWords(metres));
  };
  if (box.dataset.from) say(box.dataset.fromBase, readPoint(box.dataset.from));
  box.querySelector("[data-walking-here]").addEventListener("click", () => {
    said.textContent = box.dataset.looking;
    const refused = () => { said.textContent = box.dataset.refused; };
    if (!navigator.geolocation) refused();
    else navigator.geolocation.getCurrentPosition(
      ({ coords }) => say(box.dataset.fromHere, [coords.latitude, coords.longitude]), refused,
      { enableHighAccuracy: true, timeout: 12000, maximumAge: 15000 },
    );
  });
}

/** Keeps, until the tab closes, the time before which the person cannot have come to the place, not where they are. The
 * form that gives the need back reads it (commitments.js). It asks for the position only if the person allowed it before. */
async function rememberArrival(box) {
  const allowed = await navigator.permissions?.query({ name: "geolocation" });
  if (allowed?.state === "granted") navigator.geolocation.getCurrentPosition(({ coords }) => {
    const metres = walkingMetres([coords.latitude, coords.longitude], readPoint(box.dataset.to)) / DETOUR;
    const way = Math.max(metres - NEAR - coords.accuracy, 0);
    const earliest = Date.now() + (way / FASTEST) * 60_000;
    const key = `arrival:${box.dataset.commitment}`;
    sessionStorage.setItem(key, String(Math.min(earliest, Number(sessionStorage.getItem(key) ?? Infinity))));
  }, () => {}, { enableHighAccuracy: true, timeout: 12000, maximumAge: 15000 });
}

for (const box of document.querySelectorAll("[data-walking]")) {
  showWay(box);
  if (box.dataset.commitment) rememberArrival(box);
}
