// The map's style, rebuilt from the theme's custom properties when theme, filter or chosen zone change.

import { STATUS_NAMES } from "./patterns.js";
import { basemapSource, streetLayers } from "./basemap.js";
import { numberedKeys, numbersLayer } from "./numbers.js";

const SOLID = [1, 2, 3, 7];
const PATTERNED = [4, 5, 6];
export const ZONE_LAYERS = ["zones-solid", "zones-pattern"];
export const PARENT_LAYERS = ["parents-solid", "parents-pattern"];
export const FONT = ["Atkinson Hyperlegible"];

/** A reader of the theme's colours: colour("ink") is the value of --ink. */
export function themeColours() {
  const values = getComputedStyle(document.documentElement);
  return (name) => values.getPropertyValue(`--${name}`).trim();
}

const CONTESTED = ["==", ["get", "overridden"], true];
const statusIn = (statuses) => ["in", ["get", "status"], ["literal", statuses]];

/** A "match" over the statuses: value(number, name) of each. */
function byStatus(value) {
  const pairs = STATUS_NAMES.flatMap((name, index) => [index + 1, value(index + 1, name)]);
  return ["match", ["get", "status"], ...pairs.slice(0, -2), pairs.at(-1)];
}

/** Solid fill, patterned fill and outline of one tile layer, restricted by the filter. */
export function areas(layer, shown, theme, colour) {
  const common = { source: "zones", "source-layer": layer };
  return [
    {
      ...common,
      id: `${layer}-solid`,
      type: "fill",
      filter: statusIn(SOLID.filter((status) => shown.includes(status))),
      paint: { "fill-color": byStatus((_status, name) => colour(`status-${name}`)), "fill-antialias": false },
    },
    {
      ...common,
      id: `${layer}-pattern`,
      type: "fill",
      filter: statusIn(PATTERNED.filter((status) => shown.includes(status))),
      paint: {
        "fill-pattern": ["match", ["get", "status"], 4, `pattern-4-${theme}`, 5, `pattern-5-${theme}`,
          `pattern-6-${theme}`],
      },
    },
    {
      ...common,
      id: `${layer}-edge`,
      type: "line",
      filter: statusIn(shown),
      layout: { "line-join": "round" },
      paint: {
        "line-color": byStatus((_status, name) => colour(`status-${name}-edge`)),
        "line-width": layer === "parents" ? 0.75 : ["interpolate", ["linear"], ["zoom"], 11, 1, 15, 2.5],
      },
    },
  ];
}

/** Borders and names: the territory's own border in full, those inside it thinner. */
export function borders(colour) {
  const own = ["==", ["get", "own"], true];
  const polygons = ["!=", ["geometry-type"], "Point"];
  return [
    { id: "borders-casing", type: "line", source: "borders", filter: polygons,
      paint: { "line-color": colour("paper"), "line-width": ["case", own, 6, 4.5], "line-opacity": 0.85 } },
    { id: "borders", type: "line", source: "borders", filter: polygons,
      paint: { "line-color": colour("ink"), "line-width": ["case", own, 2.5, 1.25] } },
  ];
}

export function names(colour) {
  return {
    id: "border-names",
    type: "symbol",
    source: "borders",
    filter: ["==", ["geometry-type"], "Point"],
    layout: { "text-field": ["get", "name"], "text-font": FONT, "symbol-sort-key": ["case", ["get", "own"], 1, 0],
      "text-size": ["interpolate", ["linear"], ["zoom"], 10, 12, 14, 17], "text-max-width": 7, "text-padding": 6 },
    paint: { "text-color": colour("ink"), "text-halo-color": colour("paper"), "text-halo-width": 2 },
  };
}

/** The image of a zone's letter, or of both letters of a contested zone. */
const letterOf = (theme) => ["case", CONTESTED,
  ["concat", "pair-", ["to-string", ["get", "status"]], "-", ["to-string", ["get", "computed"]], `-${theme}`],
  ["concat", "letter-", ["to-string", ["get", "status"]], `-${theme}`]];

/**
 * Return the whole style. state: { statuses: numbers shown, key: key of the chosen zone or "", numbers: GeoJSON of the
 * list }; settings: the settings of the page; theme: "light" or "dark".
 */
export function styleOf(settings, state, theme) {
  const colour = themeColours();
  const here = window.location.origin;
  const streets = streetLayers(settings, theme, colour);
  return {
    version: 8,
    sources: {
      zones: settings.archive
        ? { type: "vector", url: `pmtiles://${here}${settings.archive}` }
        : { type: "vector", tiles: [here + settings.tiles], minzoom: 0, maxzoom: settings.lastZoom },
      borders: { type: "geojson", data: here + settings.borders },
      numbers: { type: "geojson", data: state.numbers },
      ...basemapSource(settings),
    },
    layers: [
      { id: "paper", type: "background", paint: { "background-color": colour("sunken") } },
      ...streets.ground,
      ...areas("parents", state.statuses, theme, colour),
      ...areas("zones", state.statuses, theme, colour),
      ...streets.ways,
      ...borders(colour),
      { id: "chosen-casing", type: "line", source: "zones", "source-layer": "zones",
        filter: ["==", ["get", "key"], state.key], layout: { "line-join": "round" },
        paint: { "line-color": colour("surface"), "line-width": 9 } },
      { id: "chosen", type: "line", source: "zones", "source-layer": "zones",
        filter: ["==", ["get", "key"], state.key], layout: { "line-join": "round" },
        paint: { "line-color": colour("accent"), "line-width": 5 } },
      // An override shows both statuses: a dashed outline and two letters.
      { id: "contested", type: "line", source: "zones", "source-layer": "zones",
        filter: ["all", CONTESTED, statusIn(state.statuses)],
        paint: { "line-color": colour("ink"), "line-width": 3, "line-dasharray": [2, 1.5] } },
      ...streets.labels,
      {
        id: "letters", type: "symbol", source: "zones", "source-layer": "zones", minzoom: 12.4,
        filter: ["all", statusIn(state.statuses),
          ["!", ["in", ["get", "key"], ["literal", numberedKeys(state.numbers)]]]],
        layout: { "icon-image": letterOf(theme), "icon-padding": 10 },
      },
      numbersLayer(letterOf(theme), FONT, colour),
      names(colour),
    ],
  };
}
