// The street map: one PMTiles archive on this host, in the Protomaps schema. The layers come from @protomaps/basemaps.
// This module sets our colours, fonts and languages, and puts layers below or above the zones.

import { bearingLayers, bearingNames, bearingSource } from "./bearings.js";

const SOURCE = "basemap";
const FONT = "Atkinson Hyperlegible";
const NONE = { ground: [], ways: [], labels: [] };
// Layers of the library that need its sprites, or that are of no use here.
const LEFT_OUT = new Set(["background", "roads_oneway", "roads_shields", "places_region", "places_country"]);
// Dari is Persian. Names in Arabic script need a library that shapes them: these readers get the names on the signs.
const LANGUAGES = { prs: "", ps: "", ar: "" };
const GREEN = ["park", "garden", "cemetery", "forest", "zoo"];
const NAMED = [...GREEN, "square", "townhall", "university", "college", "school", "place_of_worship", "museum", "theatre",
  "marketplace", "community_centre", "post_office", "bridge", "stadium", "sports_centre", "supermarket"];
const SERVICES = ["toilets", "drinking_water", "shower", "shelter", "social_facility", "hospital", "clinic", "pharmacy",
  "police", "station", "library"];
let library = null;

/** Teach the map library the pmtiles:// protocol. The reader comes as a classic script (window.pmtiles). */
export function readBasemap(maplibregl) {
  const reader = window.pmtiles;
  if (!reader) return false;
  maplibregl.addProtocol("pmtiles", new reader.Protocol({ metadata: true }).tile);
  return true;
}

/** Load the library of layers if settings name a street map. If it cannot be loaded, the map has no streets. */
export async function loadStreets(settings) {
  if (!settings.basemap || library) return;
  try {
    library = await import("../../vendor/protomaps/index.js");
  } catch {
    settings.basemap = "";
  }
}

/** The source of the street map, or of the well-known places, to be spread into the sources of a style. */
export function basemapSource(settings) {
  if (!settings.basemap) return bearingSource(settings.bearings);
  const address = new URL(settings.basemap, window.location.origin).href;
  return { [SOURCE]: { type: "vector", url: `pmtiles://${address}`, attribution: settings.attribution } };
}

/** Colours that the theme has no property for. */
const OWN = {
  light: { water: "#a9c6d8", deep: "#2f5f7d", green: "#d3e2c4", leaf: "#3f5f2a", soft: "#ece4d4", rail: "#857a68" },
  dark: { water: "#2c4659", deep: "#a9cbe0", green: "#2b3524", leaf: "#a8c58e", soft: "#28241e", rail: "#998d7a" },
};

function flavor(theme, colour) {
  const own = OWN[theme];
  const [road, edge, ink, halo] = [colour("surface"), colour("line"), colour("ink"), colour("paper")];
  const base = library.namedFlavor(theme);
  // Whatever is not named below: roads are paper-white with a fine edge, areas are hardly darker than the ground.
  const colours = Object.fromEntries(Object.entries(base).filter(([, value]) => typeof value === "string")
    .map(([name]) => {
      if (/casing/.test(name)) return [name, edge];
      if (/^(tunnel|bridges)_|^(minor|major|highway|link|other)/.test(name)) return [name, road];
      if (/halo/.test(name)) return [name, halo];
      return [name, /label/.test(name) ? ink : own.soft];
    }));
  return {
    ...colours,
    earth: colour("paper"), background: colour("sunken"),
    park_a: own.green, park_b: own.green, wood_a: own.green, wood_b: own.green, scrub_a: own.green, scrub_b: own.green,
    water: own.water, ocean_label: own.deep, buildings: ink, railway: own.rail, boundaries: colour("edge"),
    subplace_label: colour("ink-soft"), address_label: colour("ink-soft"),
    regular: FONT, bold: FONT, italic: FONT,
  };
}

/** The name of a feature in the reader's language; a name in another script comes in English, if there is one. */
export function nameExpression() {
  const language = document.documentElement.lang.split("-")[0];
  const own = LANGUAGES[language] ?? language;
  const local = ["case", ["has", "script"], ["coalesce", ["get", "name:en"], ["get", "name"]], ["get", "name"]];
  return own ? ["coalesce", ["get", `name:${own}`], local] : local;
}

/** Services and named places: a dot with a name. settings.services: names for services that have none, by kind. */
function places(settings, theme, colour, name) {
  const words = Object.entries(settings.services ?? {}).flat();
  const is = (kinds) => ["in", ["get", "kind"], ["literal", kinds]];
  const layer = (id, type, kinds, more) => ({
    id, type, source: SOURCE, "source-layer": "pois",
    filter: ["all", is(kinds), [">=", ["zoom"], ["get", "min_zoom"]]], ...more,
  });
  const text = { "text-font": [FONT], "text-max-width": 8, "text-size": 12 };
  const halo = { "text-halo-color": colour("paper"), "text-halo-width": 1.5 };
  const unnamed = words.length ? ["match", ["get", "kind"], ...words, ""] : "";
  return [
    layer("pois_named", "symbol", NAMED, { layout: { ...text, "text-field": name },
      paint: { "text-color": ["case", is(GREEN), OWN[theme].leaf, colour("ink-soft")], ...halo } }),
    layer("pois_services_dot", "circle", SERVICES, { paint: { "circle-radius": 4, "circle-color": colour("accent"),
      "circle-stroke-color": colour("paper"), "circle-stroke-width": 1.5 } }),
    layer("pois_services", "symbol", SERVICES, {
      layout: { ...text, "text-field": ["case", ["has", "name"], name, unnamed], "text-anchor": "top",
        "text-offset": [0, 0.5], "symbol-sort-key": ["get", "min_zoom"] },
      paint: { "text-color": colour("accent"), ...halo },
    }),
  ];
}

/**
 * Layers of the street map, in three parts: ground (areas, drawn below the zones, whose colours stay as they are),
 * ways (roads and edges of water and buildings, drawn over them) and labels (drawn last). Without a street map there
 * are well-known places and waters.
 */
export function streetLayers(settings, theme, colour) {
  if (!settings.basemap && settings.bearings) {
    return { ground: [], ways: bearingLayers(theme, colour), labels: bearingNames(colour) };
  }
  if (!settings.basemap || !library) return NONE;
  const name = nameExpression();
  const parts = { ground: [], ways: [], labels: [] };
  const there = new Set(settings.basemapLayers); // a layer that the archive lacks is an error for the map library
  for (const layer of library.layers(SOURCE, flavor(theme, colour), { lang: "en" })) {
    // A later label has priority over an earlier one: places over houses and streets, towns over places.
    if (layer.id === "places_subplace" && there.has("pois")) parts.labels.push(...places(settings, theme, colour, name));
    if (LEFT_OUT.has(layer.id) || !there.has(layer["source-layer"])) continue;
    layer.id = `street-${layer.id}`;
    if (layer.type === "symbol") parts.labels.push(label(layer, name));
    else if (layer.type === "line") parts.ways.push(sheer(layer));
    else if (layer["source-layer"] === "buildings") parts.ways.push(outline(layer, 14, colour("ink"), 0.3, 0.75));
    else parts.ground.push(layer);
    if (layer.id === "street-water") parts.ways.push(outline(layer, 10, OWN[theme].deep, 0.6, 1.25));
  }
  return parts;
}

function label(layer, name) {
  const { layout } = layer;
  delete layout["icon-image"];
  if (layer.id.endsWith("address_label")) layer.minzoom = 17;
  else layout["text-field"] = name;
  if (layout["text-transform"] && document.documentElement.lang === "uk") delete layout["text-transform"];
  layer.paint["text-halo-width"] = 1.75;
  return layer;
}

/** The edge of an area, for drawing over the zones. */
function outline({ id, source, "source-layer": from, filter }, minzoom, colour, opacity, width) {
  return { id: `${id}-edge`, type: "line", source, "source-layer": from, filter, minzoom,
    paint: { "line-color": colour, "line-opacity": opacity, "line-width": width } };
}

/** Roads are slightly transparent, so that the zones below stay visible. */
function sheer(layer) {
  layer.paint["line-opacity"] ??= 0.8;
  return layer;
}
