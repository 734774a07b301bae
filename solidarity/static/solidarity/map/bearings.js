// Well-known places and waters of our own table of names, drawn quietly on maps that have no streets.

const SOURCE = "bearings";

/** The source of the bearings; none without an address. */
export function bearingSource(address) {
  if (!address) return {};
  return { [SOURCE]: { type: "geojson", data: new URL(address, window.location.origin).href } };
}

/** The water goes below the zones' letters, the names on top. */
export function bearingLayers(theme, colour) {
  const water = theme === "dark" ? "#3b5a74" : "#a9c6d8";
  return [
    { id: "bearing-water", type: "line", source: SOURCE, filter: ["==", ["get", "kind"], "water"],
      layout: { "line-cap": "round", "line-join": "round" },
      // About 120 m wide at each zoom.
      paint: { "line-color": water, "line-opacity": 0.75,
        "line-width": ["interpolate", ["exponential", 2], ["zoom"], 10, 2.4, 18, 614] } },
    { id: "bearing-water-names", type: "symbol", source: SOURCE, minzoom: 12, filter: ["==", ["get", "kind"], "water"],
      layout: { "symbol-placement": "line", "symbol-spacing": 500, "text-field": ["get", "name"],
        "text-font": ["Atkinson Hyperlegible"], "text-size": 12, "text-letter-spacing": 0.1 },
      paint: { "text-color": colour("ink-soft"), "text-halo-color": water, "text-halo-width": 1 } },
  ];
}

export function bearingNames(colour) {
  // A map names only the best-known places at low zooms, and more at higher zooms. The names of territories come first.
  const shown = ["all", ["==", ["geometry-type"], "Point"],
    [">=", ["get", "rank"], ["step", ["zoom"], 90, 12, 70, 13, 50, 14, 0]]];
  return [
    { id: "bearing-dots", type: "circle", source: SOURCE, minzoom: 11, filter: shown,
      paint: { "circle-radius": 2.5, "circle-color": colour("ink-soft"), "circle-stroke-width": 1,
        "circle-stroke-color": colour("surface") } },
    { id: "bearing-names", type: "symbol", source: SOURCE, minzoom: 11, filter: shown,
      layout: { "text-field": ["get", "name"], "text-font": ["Atkinson Hyperlegible"], "text-size": 12,
        "text-max-width": 8, "text-padding": 4, "text-variable-anchor": ["top", "bottom", "left", "right"],
        "text-radial-offset": 0.4, "symbol-sort-key": ["-", ["get", "rank"]] },
      paint: { "text-color": colour("ink-soft"), "text-halo-color": colour("surface"), "text-halo-width": 1.5 } },
  ];
}
