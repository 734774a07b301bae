// The map page: draws the zones, and keeps map, panel, filter and address in step.

import { loadStreets } from "./basemap.js";
import { DEFAULT_ORDER, queryWith, stateOfAddress } from "./fragments.js";
import { numbersOf } from "./numbers.js";
import { markFound, note as noteOf, openMap, readsArchives, theme } from "./frame.js";
import { panel } from "./panel.js";
import { boundsOf, placeSearch, showResult } from "./search.js";
import { FONT, PARENT_LAYERS, ZONE_LAYERS, styleOf, themeColours } from "./style.js";
import { onChoice, openPlace, withPlaces } from "../find_help/map-places.js";

const root = document.querySelector("[data-map]");
const settings = JSON.parse(document.getElementById("map-settings").textContent);
const form = root.querySelector("[data-filter]");
const wide = window.matchMedia("(min-width: 60rem)");
let map = null;
let chosen = settings.chosen;

const note = (name, shown) => noteOf(root, name, shown);

/** Return the numbers of the statuses in the address; all statuses if the address names none. */
function shownStatuses() {
  const wanted = stateOfAddress().statuses.map((key) => settings.statuses[key]).filter(Boolean);
  return wanted.length ? wanted : Object.values(settings.statuses);
}

function style() {
  const numbers = numbersOf(root.querySelector("[data-zone-list]"), settings.statuses);
  const drawn = numbers.features.map(({ properties }) => [properties.key, String(properties.number)]);
  root.dataset.numbers = JSON.stringify(Object.fromEntries(drawn));
  const zones = styleOf(settings, { statuses: shownStatuses(), key: chosen, numbers }, theme());
  return withPlaces(zones, themeColours(), FONT);
}

function restyle() {
  map?.setStyle(style(), { diff: true });
}

/** Return the padding for the panel: at the bottom on a phone; none on a desktop, where the map has its own column. */
function padding() {
  const sheet = root.querySelector("[data-sheet]");
  return wide.matches
    ? { top: 70, bottom: 50, left: 50, right: 70 }
    : { top: 70, bottom: Math.min(sheet.offsetHeight, root.offsetHeight * 0.6) + 20, left: 24, right: 24 };
}

function show(bounds) {
  const [west, south, east, north] = bounds;
  map?.fitBounds([[west, south], [east, north]], { padding: padding(), maxZoom: 14.5, duration: 600 });
}

const beside = panel(root, settings, {
  choose(key, bounds) {
    chosen = key;
    restyle();
    if (bounds) show(bounds);
  },
  leave() {
    chosen = "";
    restyle();
  },
  listed: restyle,
  failed: (yes) => note("panel", yes),
});

async function draw() {
  // Without the archive reader the map uses single tiles and shows no streets.
  if (!(await readsArchives())) settings.basemap = settings.archive = "";
  await loadStreets(settings);
  const live = await watchTiles();
  map = await openMap(root, settings, {
    style: style(),
    padding: padding(),
    maxZoom: 18,
    address: live?.address,
    failed: () => note(navigator.onLine ? "stale" : "offline", true),
  });
  map.on("load", () => beside.point({ zoom: true }));
  map.on("click", press);
  map.on("mousemove", (event) => {
    const over = map.queryRenderedFeatures(event.point, { layers: [...ZONE_LAYERS, ...PARENT_LAYERS] });
    map.getCanvas().style.cursor = over.length ? "pointer" : "";
  });
}

/** Keep a live map up to date, except on phones that save data. */
async function watchTiles() {
  if (!settings.version || navigator.connection?.saveData) return null;
  const loaded = await import("./live-tiles.js").catch(() => null); // not cached for use without network
  return loaded?.liveTiles(settings, () => map?.refreshTiles("zones"));
}

/** A tap on a zone opens it; at low zooms a tap zooms in. */
function press(event) {
  if (openPlace(map, event.point)) return;
  const [zone] = map.queryRenderedFeatures(event.point, { layers: ZONE_LAYERS });
  if (zone) {
    beside.open(zone.properties.key);
    return;
  }
  if (map.queryRenderedFeatures(event.point, { layers: PARENT_LAYERS }).length) {
    map.easeTo({ center: event.lngLat, zoom: settings.firstZoneZoom + 0.5, duration: 600 });
  }
}

const only = root.querySelector("[data-only]");

/** Mark the link “N zones to verify” while the map shows only these. */
function markOnly(statuses) {
  if (statuses.join() === only?.dataset.only) only.setAttribute("aria-current", "true");
  else only?.removeAttribute("aria-current");
}

/** Apply the filter chips and the order to the address, the map and the list. */
function filter() {
  const statuses = [...form.querySelectorAll("[name=status]:checked")].map((box) => box.value);
  const order = form.elements.namedItem("sort").value;
  const changes = { status: statuses, sort: order === DEFAULT_ORDER ? null : order, page: null };
  markOnly(statuses);
  window.history.replaceState({}, "", window.location.pathname + queryWith(changes));
  restyle();
  beside.list(settings.zones + queryWith({ zone: null }));
}

/** Set the chips from the address, after back or forward navigation. */
function readAddress() {
  const { statuses, sort, zone } = stateOfAddress();
  if (form) form.elements.namedItem("sort").value = sort;
  if (form) for (const box of form.querySelectorAll("[name=status]")) box.checked = statuses.includes(box.value);
  markOnly(statuses);
  restyle();
  if (zone) beside.open(zone, { push: false, focus: false });
  else beside.close({ push: false });
  beside.list(settings.zones + queryWith({ zone: null }));
}

/** Open the map of a territory that the reader may open; move this map to anything else. */
async function goTo(result) {
  if (result.slug) {
    const answer = await fetch(settings.territories, { credentials: "same-origin" }).catch(() => null);
    const known = answer?.ok ? (await answer.json()).territories : [];
    const own = known.find(({ slug }) => slug === result.slug);
    if (own) {
      window.location.assign(own.href);
      return;
    }
  }
  if (!map) return;
  showResult(map, result, settings.basemap ? 15 : 14, padding()); // without streets, more names help
  markFound(map, result);
}

form?.addEventListener("change", filter);
// On a phone the open legend and the panel would overlap.
root.querySelector(".map-legend").addEventListener("toggle", (event) => {
  if (event.target.open && !wide.matches) root.querySelector("[data-sheet]").dataset.sheet = "peek";
});
root.addEventListener("click", (event) => {
  if (event.target.closest("[data-filter-clear]")) {
    event.preventDefault();
    for (const box of form.querySelectorAll("[name=status]")) box.checked = false;
    filter();
  }
  if (event.target.closest("[data-only]")) {
    event.preventDefault();
    const all = only.hasAttribute("aria-current");
    for (const box of form.querySelectorAll("[name=status]")) box.checked = !all && box.value === only.dataset.only;
    filter();
  }
  if (event.target.closest("[data-map-retry]")) {
    note("stale", false);
    for (const source of ["zones", "borders"]) map?.refreshTiles(source);
  }
});
window.addEventListener("popstate", readAddress);
document.addEventListener("solidarity:theme", restyle);
onChoice(restyle);
window.addEventListener("offline", () => note("offline", true));
window.addEventListener("online", () => {
  note("offline", false);
  map?.refreshTiles("zones");
});
placeSearch(root.querySelector("[data-place-search]"), {
  bounds: () => (map ? boundsOf(map) : settings.bounds),
  choose: goTo,
});

note("loading", true);
note("offline", !navigator.onLine);
draw().catch(() => {
  note("loading", false);
  note("error", true);
});
