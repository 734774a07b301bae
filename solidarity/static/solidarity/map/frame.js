// Shared by both maps: a map without rotation and tilt, patterns drawn on demand, and notes beside the map. The library
// is large: it loads after the page, so that the list beside the map can be read first.

import { readBasemap } from "./basemap.js";
import { IMAGE_OPTIONS, imageNamed } from "./patterns.js";
import { themeColours } from "./style.js";

export const theme = () => (document.documentElement.dataset.bsTheme === "dark" ? "dark" : "light");

const STYLE = new URL("../../vendor/maplibre-gl/maplibre-gl.css", import.meta.url);
const WORKER = new URL("../../vendor/maplibre-gl/maplibre-gl-worker.mjs", import.meta.url);

/** Resolves when the page with its styles and fonts is loaded. */
function pageLoaded() {
  if (document.readyState === "complete") return Promise.resolve();
  return new Promise((done) => { window.addEventListener("load", done, { once: true }); });
}

/** Add the style sheet of the library before our own, which restyle its controls. Resolves when it is loaded. */
function addStyle() {
  const link = Object.assign(document.createElement("link"), { rel: "stylesheet", href: STYLE.href });
  return new Promise((done) => {
    link.addEventListener("load", done);
    link.addEventListener("error", done);
    document.head.prepend(link);
  });
}

let loading = null;

/** Return the map library, loaded once. */
function library() {
  loading ??= pageLoaded().then(async () => {
    const [maplibregl] = await Promise.all([import("../../vendor/maplibre-gl/maplibre-gl.mjs"), addStyle()]);
    maplibregl.setWorkerUrl(WORKER.href);
    return maplibregl;
  });
  return loading;
}

/** Return whether this page can read archives. Call it before opening the map, because the style depends on it. */
export const readsArchives = async () => readBasemap(await library());

/** Show or hide one of the notes of a map: loading, offline, stale, error … */
export function note(root, name, shown) {
  root.querySelector(`[data-note="${name}"]`).hidden = !shown;
}

/**
 * Resolves to a map in the canvas of ``root``. settings: the settings of the page (bounds: west, south, east, north;
 * words; letters). options: style, padding, maxZoom. address: turns the address of a tile into another. failed: called
 * when a source could not be read. drawn: called whenever the map is completely drawn.
 */
export async function openMap(root, settings, { style, padding, maxZoom, address, failed, drawn }) {
  const maplibregl = await library();
  const [west, south, east, north] = settings.bounds;
  const map = new maplibregl.Map({
    container: root.querySelector("[data-map-canvas]"),
    style,
    bounds: [[west, south], [east, north]],
    fitBoundsOptions: { padding },
    minZoom: 3,
    ...(address && { transformRequest: (url) => ({ url: address(url) }) }),
    maxZoom,
    dragRotate: false,
    pitchWithRotate: false,
    touchPitch: false,
    fadeDuration: 0,
    locale: settings.words,
    attributionControl: { compact: false },
  });
  map.touchZoomRotate.disableRotation();
  map.keyboard.disableRotation();
  map.addControl(new maplibregl.NavigationControl({ showCompass: false }), document.dir === "rtl"
    ? "top-left" : "top-right");
  map.setMissingStyleImageResolver(async (name) => {
    await document.fonts.ready;
    const image = imageNamed(name, themeColours(), settings.letters);
    if (image && !map.hasImage(name)) map.addImage(name, image, IMAGE_OPTIONS);
  });
  map.on("error", (event) => {
    if (event.sourceId) failed();
  });
  map.on("idle", () => {
    note(root, "loading", false);
    root.dataset.drawn = "yes";
    root.dataset.drawings = Number(root.dataset.drawings ?? 0) + 1;
    drawn?.(map);
  });
  return map;
}

/** Mark a place that was searched for with a dot, and remove the previous dot. A territory gets no dot. */
export async function markFound(map, result) {
  map.foundMark?.remove();
  map.foundMark = null;
  if (result.bounds) return;
  const element = document.createElement("span");
  element.className = "found-mark";
  const { Marker } = await library();
  map.foundMark = new Marker({ element }).setLngLat([result.longitude, result.latitude]).addTo(map);
}
