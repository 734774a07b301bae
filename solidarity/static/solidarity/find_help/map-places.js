// The places of a kind on a map: chosen in the legend, shown from close up; a tap opens the page of the place.
// Hooks: select[data-map-places] (templates/needs/find_help/map_places.html).

const box = document.querySelector("[data-map-places]");
const LAYER = "guide-places";
const ZOOMS = { minzoom: 11, maxzoom: 14 };

/** Add the chosen places to a style. */
export function withPlaces(style, colour, font) {
  if (!box?.value) return style;
  const tiles = [window.location.origin + box.dataset.tiles.replace("KIND", box.value)];
  const source = { source: LAYER, "source-layer": "places", minzoom: ZOOMS.minzoom };
  return {
    ...style,
    sources: { ...style.sources, [LAYER]: { type: "vector", tiles, ...ZOOMS } },
    layers: [
      ...style.layers,
      { id: LAYER, type: "circle", ...source, paint: { "circle-radius": 8, "circle-color": colour("accent"),
        "circle-stroke-color": colour("surface"), "circle-stroke-width": 3 } },
      { id: `${LAYER}-names`, type: "symbol", ...source, minzoom: 14,
        layout: { "text-field": ["get", "name"], "text-font": font, "text-size": 14, "text-offset": [0, 1.1],
          "text-anchor": "top", "text-optional": true },
        paint: { "text-color": colour("ink"), "text-halo-color": colour("surface"), "text-halo-width": 2 } },
    ],
  };
}

/** Open the page of the place under a tap. Returns whether there is one. */
export function openPlace(map, point) {
  if (!map.getLayer(LAYER)) return false;
  const [place] = map.queryRenderedFeatures(point, { layers: [LAYER] });
  if (place) window.location.assign(box.dataset.placePage.replace("KEY", place.properties.key));
  return Boolean(place);
}

/** Call `redraw` when another kind is chosen. */
export function onChoice(redraw) {
  box?.addEventListener("change", redraw);
}
