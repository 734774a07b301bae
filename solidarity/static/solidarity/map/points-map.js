// A plain map for forms: the borders of territories and our own base map, if there is one. Loaded only where a map is
// shown.

import * as maplibre from "../../vendor/maplibre-gl/maplibre-gl.mjs";
import { basemapSource, loadStreets, readBasemap, streetLayers } from "./basemap.js";
import { boundsOf, placeSearch, showResult } from "./search.js";
import { startBox } from "./start-here.js";

const WORKER = new URL("../../vendor/maplibre-gl/maplibre-gl-worker.mjs", import.meta.url);
const STYLE = new URL("../../vendor/maplibre-gl/maplibre-gl.css", import.meta.url);
const ARCHIVES = new URL("../../vendor/pmtiles/pmtiles.js", import.meta.url);
const POLYGONS = ["!=", ["geometry-type"], "Point"];
const NOWHERE = { type: "FeatureCollection", features: [] };
const EVERYWHERE = [-60, -40, 60, 60];

maplibre.setWorkerUrl(WORKER.href);

/** A colour of the current theme: colour("--ink"). */
export function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

/** Add a stylesheet or a classic script once; resolves when it is loaded or has failed. */
function add(tag, attributes) {
  const address = attributes.href ?? attributes.src;
  if (document.querySelector(`[data-added="${address}"]`)) return Promise.resolve();
  const element = Object.assign(document.createElement(tag), attributes);
  element.dataset.added = address;
  return new Promise((done) => {
    element.addEventListener("load", done);
    element.addEventListener("error", done);
    document.head.prepend(element); // before our own styles, which restyle the library's controls
  });
}

async function read(address) {
  if (!address) return NOWHERE;
  try {
    const answer = await fetch(address, { credentials: "same-origin" });
    if (answer.ok) return await answer.json();
  } catch {
    // No network: the map works without borders.
  }
  return NOWHERE;
}

/** West, south, east, north of GeoJSON features; null when there are none. */
export function boxOf(features) {
  const box = [Infinity, Infinity, -Infinity, -Infinity];
  const walk = (coordinates) => {
    if (typeof coordinates[0] === "number") {
      box[0] = Math.min(box[0], coordinates[0]);
      box[1] = Math.min(box[1], coordinates[1]);
      box[2] = Math.max(box[2], coordinates[0]);
      box[3] = Math.max(box[3], coordinates[1]);
    } else coordinates.forEach(walk);
  };
  for (const feature of features) walk(feature.geometry.coordinates);
  return Number.isFinite(box[0]) ? box : null;
}

/** The initial view: all territories if they are close together, else the first one. */
function firstView(features) {
  const all = boxOf(features);
  if (!all || all[2] - all[0] < 5) return all;
  return boxOf(features.slice(0, 1));
}

/** Return a box with a margin around it, so that people recognise the surroundings. */
function roomy(box) {
  if (!box) return null;
  const room = Math.max(0, 0.012 - (box[3] - box[1]) / 2);
  return [box[0] - room, box[1] - room, box[2] + room, box[3] + room];
}

/** The theme in use: "light" or "dark". */
export function theme() {
  return document.documentElement.dataset.bsTheme === "dark" ? "dark" : "light";
}

function layers(found) {
  const plain = (name) => colour(`--${name}`);
  const streets = streetLayers(found, theme(), plain);
  return [
    { id: "ground", type: "background", paint: { "background-color": plain("sunken") } },
    { id: "inside", type: "fill", source: "borders", filter: POLYGONS,
      paint: { "fill-color": plain("surface"), "fill-antialias": false } },
    ...streets.ground,
    ...streets.ways,
    { id: "borders", type: "line", source: "borders", filter: POLYGONS,
      paint: { "line-color": plain("edge"), "line-width": 1.5 } },
    ...streets.labels,
    {
      id: "names", type: "symbol", source: "borders", filter: ["==", ["geometry-type"], "Point"],
      layout: { "text-field": ["get", "name"], "text-font": ["Atkinson Hyperlegible"], "text-size": 13,
        "text-max-width": 7, "text-padding": 4, "symbol-sort-key": ["case", ["get", "own"], 1, 0] },
      paint: { "text-color": plain("ink-soft"), "text-halo-color": plain("surface"), "text-halo-width": 1.5 },
    },
  ];
}

/** The first layer that is drawn over the ground: over the territories, and the street map's land and parks. */
function firstOverGround(found) {
  const ground = streetLayers(found, theme(), (name) => colour(`--${name}`)).ground.map(({ id }) => id);
  const above = layers(found);
  return above[above.findLastIndex(({ id }) => id === "inside" || ground.includes(id)) + 1].id;
}

/** The names of the map's buttons in the page's language; MapLibre refuses names that are undefined. */
function buttonWords() {
  const { zoomIn, zoomOut } = document.body.dataset;
  return zoomIn ? { "NavigationControl.ZoomIn": zoomIn, "NavigationControl.ZoomOut": zoomOut } : {};
}

/**
 * Open a map in a container; resolves when it is drawn. options: borders (a URL), label, box (the initial view). Without
 * a box, the map opens at the zone from which the reader came (start-here.js); map.startsHere tells so. map.overGround:
 * the layer below which areas are drawn, so that they cover the ground of the street map and not its streets.
 */
export async function openMap(container, { borders, label, box }) {
  const [found] = await Promise.all([read(borders),
    add("link", { rel: "stylesheet", href: STYLE.href })]);
  if (found.basemap) await add("script", { src: ARCHIVES.href });
  if (found.basemap && !readBasemap(maplibre)) found.basemap = "";
  await loadStreets(found);
  const here = box ? null : startBox();
  const [west, south, east, north] = roomy(box ?? here) ?? firstView(found.features) ?? EVERYWHERE;
  const map = new maplibre.Map({
    container,
    attributionControl: found.basemap ? { compact: false } : false,
    dragRotate: false,
    pitchWithRotate: false,
    fadeDuration: 0,
    bounds: [[west, south], [east, north]],
    fitBoundsOptions: { padding: 16, maxZoom: 16 },
    maxZoom: 19,
    locale: buttonWords(),
    style: {
      version: 8,
      sources: { borders: { type: "geojson", data: found }, ...basemapSource(found) },
      layers: layers(found),
    },
  });
  map.touchZoomRotate.disableRotation();
  map.addControl(new maplibre.NavigationControl({ showCompass: false }), document.dir === "rtl"
    ? "top-left" : "top-right");
  map.getCanvas().setAttribute("aria-label", label);
  await new Promise((done) => { map.once("load", done); });
  document.addEventListener("solidarity:theme", () => {
    for (const { id, paint } of layers(found)) {
      for (const [name, value] of Object.entries(paint)) map.setPaintProperty(id, name, value);
    }
  });
  map.startsHere = Boolean(here);
  map.overGround = firstOverGround(found);
  map.streetZoom = found.basemap ? 16 : 15; // without streets, territory names help people find their way
  await addSearch(map, container, found.searchBox);
  return map;
}

/** Put the search for places above a map, unless the form around it has one (reports/place.js) or the map is small. */
async function addSearch(map, container, address) {
  if (!address || container.dataset.search === "no" || container.closest("[data-place]")) return;
  const frame = container.closest(".place__frame") ?? container;
  try {
    const answer = await fetch(address, { credentials: "same-origin" });
    if (!answer.ok) return;
    frame.insertAdjacentHTML("beforebegin", await answer.text());
  } catch {
    return; // No network: the map works without the search.
  }
  let found = null;
  placeSearch(frame.previousElementSibling, {
    bounds: () => boundsOf(map),
    choose: (result) => {
      showResult(map, result, map.streetZoom);
      found?.remove();
      found = result.bounds ? null : pin(map, result.longitude, result.latitude, "map-dot");
    },
  });
}

/** A pin at a place, or a dot. */
export function pin(map, lng, lat, className = "map-pin") {
  const element = document.createElement("span");
  element.className = className;
  element.append(document.createElement("span"));
  return new maplibre.Marker({ element, anchor: className === "map-pin"
    ? "bottom" : "center" }).setLngLat([lng, lat]).addTo(map);
}

/** The name of the smallest territory that contains a place, or "". */
export function territoryAt(map, lng, lat) {
  const found = map.queryRenderedFeatures(map.project([lng, lat]), { layers: ["inside"] });
  return found[0]?.properties.name ?? "";
}
