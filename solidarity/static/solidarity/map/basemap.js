// Streets, water, buildings and place names from one PMTiles file on this host, drawn discreetly over the zones.

const SOURCE = "basemap";

/** Teach the map library the pmtiles:// protocol. The reader comes as a classic script (window.pmtiles). */
export function readBasemap(maplibregl) {
  const reader = window.pmtiles;
  if (!reader) return false;
  maplibregl.addProtocol("pmtiles", new reader.Protocol({ metadata: true }).tile);
  return true;
}

export function basemapSource(settings) {
  const address = new URL(settings.basemap, window.location.origin).href;
  return { [SOURCE]: { type: "vector", url: `pmtiles://${address}`, attribution: settings.attribution } };
}

const highway = (...kinds) => ["in", ["get", "highway"], ["literal", kinds]];
const LARGE = highway("motorway", "trunk", "primary", "secondary", "motorway_link", "trunk_link", "primary_link",
  "secondary_link");
const PATHS = highway("service", "footway", "path", "steps", "cycleway", "track");

/** Layers above the zones: thin, so that the zones' colours stay visible; they help people find their way. */
export function basemapLayers(settings, theme, colour) {
  const water = theme === "dark" ? "#3b5a74" : "#a9c6d8";
  const road = colour("paper");
  const layer = (id, type, name, more) => ({ id, type, source: SOURCE, "source-layer": name, ...more });
  const layers = [
    layer("water", "fill", "water", { filter: ["==", ["geometry-type"], "Polygon"],
      paint: { "fill-color": water, "fill-opacity": 0.8 } }),
    layer("streams", "line", "water", { filter: ["==", ["geometry-type"], "LineString"],
      paint: { "line-color": water, "line-width": 1.5 } }),
    layer("buildings", "line", "buildings",
      { minzoom: 14, paint: { "line-color": colour("ink"), "line-opacity": 0.3, "line-width": 0.75 } }),
    layer("roads-casing", "line", "roads", {
      minzoom: 12.5, filter: LARGE, layout: { "line-cap": "round", "line-join": "round" },
      paint: { "line-color": colour("ink"), "line-opacity": 0.35,
        "line-width": ["interpolate", ["exponential", 1.5], ["zoom"], 12, 2, 17, 13] },
    }),
    layer("roads", "line", "roads", {
      layout: { "line-cap": "round", "line-join": "round" },
      paint: {
        "line-color": road,
        "line-opacity": ["case", PATHS, 0.45, 0.8],
        "line-width": ["interpolate", ["exponential", 1.5], ["zoom"], 8, ["case", LARGE, 0.8, 0.2], 12,
          ["case", LARGE, 1.6, 0.6], 17, ["case", LARGE, 11, PATHS, 1.5, 5]],
      },
    }),
    layer("road-names", "symbol", "roads", {
      minzoom: 14, filter: ["all", ["has", "name"], ["!", PATHS]],
      layout: { "symbol-placement": "line", "text-field": ["get", "name"], "text-font": ["Atkinson Hyperlegible"],
        "text-size": 12 },
      paint: { "text-color": colour("ink"), "text-halo-color": colour("paper"), "text-halo-width": 1.75 },
    }),
    layer("places", "symbol", "places", {
      layout: { "text-field": ["get", "name"], "text-font": ["Atkinson Hyperlegible"],
        "text-size": ["match", ["get", "place"], ["city", "town"], 16, 13], "text-max-width": 8 },
      paint: { "text-color": colour("ink"), "text-halo-color": colour("paper"), "text-halo-width": 2 },
    }),
  ];
  return layers.filter((one) => settings.basemapLayers.includes(one["source-layer"]));
}
