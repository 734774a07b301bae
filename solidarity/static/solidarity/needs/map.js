// A plain map for forms: the borders of territories, nothing from anybody else. Loaded only where a map is shown.

import * as maplibre from "../../vendor/maplibre-gl/maplibre-gl.mjs";

const NAMES_FROM_ZOOM = 12;
const EVERYWHERE = [[-60, -40], [60, 60]];

/** A colour of the theme that is shown now. */
export function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

function addStylesheet() {
  if (document.querySelector("link[data-maplibre]")) return Promise.resolve();
  const link = document.createElement("link");
  link.rel = "stylesheet";
  link.href = new URL("../../vendor/maplibre-gl/maplibre-gl.css", import.meta.url).href;
  link.dataset.maplibre = "";
  return new Promise((done) => {
    link.addEventListener("load", done);
    link.addEventListener("error", done);
    document.head.append(link);
  });
}

async function read(address) {
  if (!address) return { type: "FeatureCollection", features: [] };
  try {
    const answer = await fetch(address, { credentials: "same-origin" });
    if (answer.ok) return await answer.json();
  } catch {
    // No network: the map works without borders.
  }
  return { type: "FeatureCollection", features: [] };
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

function paint(map) {
  map.setPaintProperty("ground", "background-color", colour("--sunken"));
  map.setPaintProperty("inside", "fill-color", colour("--surface"));
  map.setPaintProperty("borders", "line-color", colour("--edge"));
}

function nameDistricts(map, features) {
  const labels = features.slice(0, 80).map((feature) => {
    const box = boxOf([feature]);
    const element = document.createElement("span");
    element.className = "map-name";
    element.textContent = feature.properties.name ?? "";
    return new maplibre.Marker({ element }).setLngLat([(box[0] + box[2]) / 2, (box[1] + box[3]) / 2]).addTo(map);
  });
  const show = () => {
    const hidden = map.getZoom() < NAMES_FROM_ZOOM;
    for (const label of labels) label.getElement().hidden = hidden;
  };
  map.on("zoomend", show);
  show();
}

/** Open a map in a container; resolves when it is drawn. options: borders (an address), label, box (where to look). */
export async function openMap(container, { borders, label, box }) {
  const [found] = await Promise.all([read(borders), addStylesheet()]);
  const view = box ?? boxOf(found.features);
  const map = new maplibre.Map({
    container,
    attributionControl: false,
    dragRotate: false,
    pitchWithRotate: false,
    fadeDuration: 0,
    bounds: view ? [[view[0], view[1]], [view[2], view[3]]] : EVERYWHERE,
    fitBoundsOptions: { padding: 16, maxZoom: 16 },
    maxZoom: 19,
    style: {
      version: 8,
      sources: { borders: { type: "geojson", data: found } },
      layers: [
        { id: "ground", type: "background", paint: { "background-color": colour("--sunken") } },
        { id: "inside", type: "fill", source: "borders", paint: { "fill-color": colour("--surface") } },
        { id: "borders", type: "line", source: "borders", paint: { "line-color": colour("--edge"), "line-width": 1.5 } },
      ],
    },
  });
  map.touchZoomRotate.disableRotation();
  map.addControl(new maplibre.NavigationControl({ showCompass: false }), "top-right");
  map.getCanvas().setAttribute("aria-label", label);
  await new Promise((done) => { map.once("load", done); });
  nameDistricts(map, found.features);
  document.addEventListener("solidarity:theme", () => paint(map));
  return map;
}

/** A pin at a place. */
export function pin(map, lng, lat, className = "map-pin") {
  const element = document.createElement("span");
  element.className = className;
  return new maplibre.Marker({ element, anchor: className === "map-pin" ? "bottom" : "center" }).setLngLat([lng, lat]).addTo(map);
}

/** The name of the territory that lies at a place, or "". */
export function territoryAt(map, lng, lat) {
  const found = map.queryRenderedFeatures(map.project([lng, lat]), { layers: ["inside"] });
  return found.at(-1)?.properties.name ?? "";
}
