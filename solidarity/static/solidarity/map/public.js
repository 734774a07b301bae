// The public map: one frozen archive, read in pieces; a press on a place finds it in the list, and the other way round.

import * as maplibregl from "../../vendor/maplibre-gl/maplibre-gl.mjs";
import { basemapLayers, basemapSource, readBasemap } from "./basemap.js";
import { IMAGE_OPTIONS, imageNamed } from "./patterns.js";
import { areas, borders, names, themeColours } from "./style.js";

const root = document.querySelector("[data-public-map]");
const settings = JSON.parse(document.getElementById("map-settings").textContent);
const wide = window.matchMedia("(min-width: 60rem)");
const LAYERS = ["places-solid", "places-pattern"];
const SHOWN = Object.values(settings.statuses);
let map = null;
let chosen = "";

const theme = () => (document.documentElement.dataset.bsTheme === "dark" ? "dark" : "light");

function note(name, shown) {
  root.querySelector(`[data-note="${name}"]`).hidden = !shown;
}

function style() {
  const colour = themeColours();
  const here = window.location.origin;
  const isChosen = ["==", ["get", "key"], chosen];
  const source = { source: "zones", "source-layer": "places" };
  return {
    version: 8,
    sources: {
      zones: { type: "vector", url: `pmtiles://${here}${settings.archive}` },
      borders: { type: "geojson", data: here + settings.borders },
      ...(settings.basemap ? basemapSource(settings) : {}),
    },
    layers: [
      { id: "paper", type: "background", paint: { "background-color": colour("sunken") } },
      ...areas("places", SHOWN, theme(), colour),
      ...(settings.basemap ? basemapLayers(settings, theme(), colour) : []),
      ...borders(colour),
      { id: "chosen-casing", type: "line", ...source, filter: isChosen, layout: { "line-join": "round" }, paint: { "line-color": colour("surface"), "line-width": 9 } },
      { id: "chosen", type: "line", ...source, filter: isChosen, layout: { "line-join": "round" }, paint: { "line-color": colour("accent"), "line-width": 5 } },
      {
        id: "letters", type: "symbol", ...source, minzoom: 10.8,
        layout: { "icon-image": ["concat", "letter-", ["to-string", ["get", "status"]], `-${theme()}`], "icon-padding": 10 },
      },
      names(colour),
    ],
  };
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
  const [place] = map.queryRenderedFeatures(event.point, { layers: LAYERS });
  if (place && !wide.matches) {
    const sheet = root.querySelector("[data-sheet]");
    if (sheet.dataset.sheet === "peek") sheet.dataset.sheet = "half";
  }
  choose(place ? place.properties.key : "");
}

function draw() {
  maplibregl.setWorkerUrl(new URL("../../vendor/maplibre-gl/maplibre-gl-worker.mjs", import.meta.url).href);
  if (!readBasemap(maplibregl)) throw new Error("no reader of archives");
  const [west, south, east, north] = settings.bounds;
  map = new maplibregl.Map({
    container: root.querySelector("[data-map-canvas]"),
    style: style(),
    bounds: [[west, south], [east, north]],
    fitBoundsOptions: { padding: padding() },
    minZoom: 3,
    maxZoom: 16,
    dragRotate: false,
    pitchWithRotate: false,
    touchPitch: false,
    fadeDuration: 0,
    locale: settings.words,
    attributionControl: { compact: false },
  });
  map.touchZoomRotate.disableRotation();
  map.keyboard.disableRotation();
  map.addControl(new maplibregl.NavigationControl({ showCompass: false }), "top-right");
  map.setMissingStyleImageResolver(async (name) => {
    await document.fonts.ready;
    const image = imageNamed(name, themeColours(), settings.letters);
    if (image && !map.hasImage(name)) map.addImage(name, image, IMAGE_OPTIONS);
  });
  map.on("error", (event) => {
    if (event.sourceId) note("stale", true);
  });
  map.on("idle", () => {
    note("loading", false);
    root.dataset.drawn = "yes";
    root.dataset.places = String(map.queryRenderedFeatures({ layers: LAYERS }).length);
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

note("loading", true);
try {
  draw();
} catch {
  note("loading", false);
  note("error", true);
}
