// Two layers of a map: the places of a kind that is chosen in the legend, and the events of today. Both are shown from
// close up; a tap opens the page of the place or the event. Hooks: templates/needs/find_help/map_places.html.

import { theme } from "../map/frame.js";

const box = document.querySelector("[data-map-places]");
const events = document.querySelector("[data-map-events]");
const ZOOMS = { minzoom: 11, maxzoom: 14 };
const PLACES = "guide-places";
const EVENTS = "events-today";

/** The layers that are shown now: {name, layer, tiles}. layer: the name of the layer in the tiles. */
function shown() {
  const origin = window.location.origin;
  return [
    ...(box?.value ? [{ name: PLACES, layer: "places", tiles: origin + box.dataset.tiles.replace("KIND", box.value) }] : []),
    ...(events?.checked ? [{ name: EVENTS, layer: "events", tiles: origin + events.dataset.tiles }] : []),
  ];
}

function mark(name, source, colour) {
  if (name === PLACES) {
    return { id: name, type: "circle", ...source, paint: { "circle-radius": 8, "circle-color": colour("accent"),
      "circle-stroke-color": colour("surface"), "circle-stroke-width": 3 } };
  }
  return { id: name, type: "symbol", ...source, layout: { "icon-image": `event-${theme()}`, "icon-allow-overlap": true } };
}

/** Add the chosen places and the events to a style. */
export function withPlaces(style, colour, font) {
  const sources = { ...style.sources };
  const layers = [...style.layers];
  for (const { name, layer, tiles } of shown()) {
    const source = { source: name, "source-layer": layer, minzoom: ZOOMS.minzoom };
    sources[name] = { type: "vector", tiles: [tiles], ...ZOOMS };
    layers.push(mark(name, source, colour), {
      id: `${name}-names`, type: "symbol", ...source, minzoom: 14,
      layout: { "text-field": ["get", "name"], "text-font": font, "text-size": 14, "text-offset": [0, 1.1],
        "text-anchor": "top", "text-optional": true },
      paint: { "text-color": colour("ink"), "text-halo-color": colour("surface"), "text-halo-width": 2 },
    });
  }
  return { ...style, sources, layers };
}

/** Open the page of the place or the event under a tap. Returns whether there is one. */
export function openPlace(map, point) {
  const layers = [EVENTS, PLACES].filter((name) => map.getLayer(name));
  const [found] = layers.length ? map.queryRenderedFeatures(point, { layers }) : [];
  if (!found) return false;
  const page = found.layer.id === EVENTS ? events.dataset.page : box.dataset.placePage;
  window.location.assign(page.replace("KEY", found.properties.key));
  return true;
}

/** Call `redraw` when another kind is chosen, or the events are switched on or off. */
export function onChoice(redraw) {
  box?.addEventListener("change", redraw);
  events?.addEventListener("change", redraw);
}
