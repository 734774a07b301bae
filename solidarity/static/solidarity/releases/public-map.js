// The public map: one frozen archive, read in ranges. A tap on a place marks it in the list; a tap in the list marks it
// on the map.

import { basemapSource, loadStreets, streetLayers } from "../map/basemap.js";
import { markFound, note as noteOf, openMap, readsArchives, theme } from "../map/frame.js";
import { numberedKeys, numbersLayer, numbersOf } from "../map/numbers.js";
import { STATUS_NAMES } from "../map/patterns.js";
import { boundsOf, placeSearch, showResult } from "../map/search.js";
import { onChoice, openPlace, withPlaces } from "../find_help/map-places.js";
import { FONT, areas, borders, names, themeColours } from "../map/style.js";

const root = document.querySelector("[data-public-map]");
const settings = JSON.parse(document.getElementById("map-settings").textContent);
const wide = window.matchMedia("(min-width: 60rem)");
const LAYERS = ["places-solid", "places-pattern"];
const SHOWN = settings.statuses;
const STATUSES = Object.fromEntries(STATUS_NAMES.map((name, index) => [name.replace("-", "_"), index + 1]));
let map = null;
let chosen = "";

const note = (name, shown) => noteOf(root, name, shown);

function style() {
  const colour = themeColours();
  const here = window.location.origin;
  const isChosen = ["==", ["get", "key"], chosen];
  const source = { source: "zones", "source-layer": "places" };
  const streets = streetLayers(settings, theme(), colour);
  const letter = ["concat", "letter-", ["to-string", ["get", "status"]], `-${theme()}`];
  const numbers = numbersOf(root, STATUSES);
  return withPlaces({
    version: 8,
    sources: {
      zones: { type: "vector", url: `pmtiles://${here}${settings.archive}` },
      borders: { type: "geojson", data: here + settings.borders },
      numbers: { type: "geojson", data: numbers },
      ...basemapSource(settings),
    },
    layers: [
      { id: "paper", type: "background", paint: { "background-color": colour("sunken") } },
      ...streets.ground,
      ...areas("places", SHOWN, theme(), colour),
      ...streets.ways,
      ...borders(colour),
      { id: "chosen-casing", type: "line", ...source, filter: isChosen, layout: { "line-join": "round" }, paint: { "line-color": colour("surface"), "line-width": 9 } },
      { id: "chosen", type: "line", ...source, filter: isChosen, layout: { "line-join": "round" }, paint: { "line-color": colour("accent"), "line-width": 5 } },
      ...streets.labels,
      {
        id: "letters", type: "symbol", ...source, minzoom: 10.8,
        filter: ["all", ["in", ["get", "status"], ["literal", SHOWN]],
          ["!", ["in", ["get", "key"], ["literal", numberedKeys(numbers)]]]],
        layout: { "icon-image": letter, "icon-padding": 10 },
      },
      numbersLayer(letter, FONT, colour),
      names(colour),
    ],
  }, colour, FONT);
}

function restyle() {
  map?.setStyle(style(), { diff: true });
}

function padding() {
  const sheet = root.querySelector("[data-sheet]");
  return wide.matches
    ? { top: 50, bottom: 50, left: 50, right: 70 }
    : { top: 70, bottom: Math.min(sheet.offsetHeight, root.offsetHeight * 0.6) + 20, left: 24, right: 24 };
}

/** Mark a place in list and map; the list scrolls to it. */
function choose(key) {
  chosen = key;
  for (const row of root.querySelectorAll("[data-place]")) {
    const here = row.dataset.place === key;
    if (here) row.setAttribute("aria-current", "true");
    else row.removeAttribute("aria-current");
    if (here) row.scrollIntoView({ block: "nearest" });
  }
  restyle();
}

function press(event) {
  if (openPlace(map, event.point)) return;
  const [place] = map.queryRenderedFeatures(event.point, { layers: LAYERS });
  if (place && !wide.matches) {
    const sheet = root.querySelector("[data-sheet]");
    if (sheet.dataset.sheet === "peek") sheet.dataset.sheet = "half";
  }
  choose(place ? place.properties.key : "");
}

async function draw() {
  if (!(await readsArchives())) throw new Error("no reader of archives");
  await loadStreets(settings);
  map = await openMap(root, settings, {
    style: style(),
    padding: padding(),
    maxZoom: 16,
    failed: () => note("stale", true),
    drawn: (opened) => {
      root.dataset.places = String(opened.queryRenderedFeatures({ layers: LAYERS }).length);
      const numbered = opened.queryRenderedFeatures({ layers: ["numbers"] });
      root.dataset.numbers = JSON.stringify(numbered.map(({ properties }) => properties.number));
    },
  });
  map.on("click", press);
  map.on("mousemove", (event) => {
    map.getCanvas().style.cursor = map.queryRenderedFeatures(event.point, { layers: LAYERS }).length ? "pointer" : "";
  });
}

root.addEventListener("click", (event) => {
  const link = event.target.closest("[data-place-link]");
  if (!link || !map) return;
  event.preventDefault();
  const row = link.closest("[data-place]");
  choose(row.dataset.place);
  map.easeTo({ center: row.dataset.centre.split(",").map(Number), zoom: 13, padding: padding(), duration: 600 });
});
root.querySelector(".map-legend").addEventListener("toggle", (event) => {
  if (event.target.open && !wide.matches) root.querySelector("[data-sheet]").dataset.sheet = "peek";
});
document.addEventListener("solidarity:theme", restyle);
onChoice(restyle);
placeSearch(root.querySelector("[data-place-search]"), {
  bounds: () => (map ? boundsOf(map) : settings.bounds),
  choose: (result) => {
    if (!map) return;
    showResult(map, result, 14, padding());
    markFound(map, result);
  },
});

note("loading", true);
draw().catch(() => {
  note("loading", false);
  note("error", true);
});
