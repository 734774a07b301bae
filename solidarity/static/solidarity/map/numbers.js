// The numbers of the zones or places in the list, drawn on the map. They are read from the list, so list and map agree.

/** The rows of the list as points. statuses: number of each status by its key. */
export function numbersOf(list, statuses) {
  const rows = [...(list?.querySelectorAll("[data-number]") ?? [])].filter((row) => row.dataset.centre);
  return {
    type: "FeatureCollection",
    features: rows.map(({ dataset }) => ({
      type: "Feature",
      geometry: { type: "Point", coordinates: dataset.centre.split(",").map(Number) },
      properties: { key: dataset.zone ?? dataset.place, number: Number(dataset.number), status: statuses[dataset.status],
        computed: statuses[dataset.computed], overridden: "contested" in dataset },
    })),
  };
}

/** The zones with a number. The layer of letters leaves them out, because their letter is drawn beside the number. */
export const numberedKeys = (numbers) => numbers.features.map(({ properties }) => properties.key);

/** Number and letter of each zone in the list. If numbers overlap, the lowest one is drawn. icon: the letter. */
export function numbersLayer(icon, font, colour) {
  return {
    id: "numbers", type: "symbol", source: "numbers", minzoom: 10,
    layout: {
      "icon-image": icon, "icon-padding": 4, "text-field": ["to-string", ["get", "number"]], "text-font": font,
      "text-size": 16, "text-anchor": "left", "text-padding": 1,
      "text-offset": ["case", ["==", ["get", "overridden"], true], ["literal", [1.4, 0]], ["literal", [0.85, 0]]],
      "symbol-sort-key": ["get", "number"],
    },
    paint: { "text-color": colour("ink"), "text-halo-color": colour("surface"), "text-halo-width": 2.5 },
  };
}
