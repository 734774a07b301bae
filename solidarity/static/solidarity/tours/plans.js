// Read-only maps: the cells of a plan, a plan compared with its tour, tonight's plans, a suggestion.
// A list beside each map has the same content.

import { boxOf, colour, openMap } from "../map/points-map.js";
import { IMAGE_OPTIONS, imageNamed } from "../map/patterns.js";

const KINDS = {
  planned: { fill: "--accent", dash: [1] },
  only_planned: { fill: "--accent", dash: [2, 1.5] },
  both: { fill: "--ok", dash: [1] },
  only_searched: { fill: "--warn", dash: [0.6, 1.2] },
  overlap: { fill: "--danger", dash: [2, 1.5] },
  oldest: { fill: "--warn", dash: [2, 1.5] },
};

const GAP_NUMBER = ["==", ["get", "kind"], "gap_number"];
const PATTERNED = { to_verify: 4, not_searched: 5 };

/** The patterns of the unknown statuses in the colours of the theme. */
function patternsFor(map) {
  for (const [status, number] of Object.entries(PATTERNED)) {
    const image = imageNamed(`pattern-${number}`, (name) => colour(`--${name}`), {});
    if (map.hasImage(`gap-${status}`)) map.updateImage(`gap-${status}`, image);
    else map.addImage(`gap-${status}`, image, IMAGE_OPTIONS);
  }
}

async function shapesOf({ dataset }) {
  if (dataset.shapes) return JSON.parse(document.getElementById(dataset.shapes).textContent);
  const answer = await fetch(dataset.shapesUrl, { credentials: "same-origin" });
  if (!answer.ok) throw new Error("no shapes");
  return answer.json();
}

function addLayers(map, shapes) {
  map.addSource("shapes", { type: "geojson", data: shapes });
  const below = map.getLayer("borders") ? "borders" : undefined;
  patternsFor(map);
  for (const status of ["under_covered", "uncovered", "to_verify", "not_searched"]) {
    const filter = ["all", ["==", ["get", "kind"], "gap"], ["==", ["get", "status"], status]];
    const paint = status in PATTERNED ? { "fill-pattern": `gap-${status}` } : { "fill-opacity": 0.85 };
    map.addLayer({ id: `gap-${status}`, type: "fill", source: "shapes", filter, paint }, below);
    map.addLayer({ id: `gap-${status}-edge`, type: "line", source: "shapes", filter, paint: { "line-width": 1.5 } });
  }
  for (const [kind, { dash }] of Object.entries(KINDS)) {
    const filter = ["==", ["get", "kind"], kind];
    map.addLayer({ id: `${kind}-fill`, type: "fill", source: "shapes", filter, paint: { "fill-opacity": 0.35 } });
    const line = { "line-width": 2.5, "line-dasharray": dash };
    map.addLayer({ id: `${kind}-line`, type: "line", source: "shapes", filter, paint: line });
  }
  map.addLayer({
    id: "numbers", type: "symbol", source: "shapes", filter: ["all", ["has", "number"], ["!", GAP_NUMBER]],
    layout: {
      "text-field": ["to-string", ["get", "number"]], "text-font": ["Atkinson Hyperlegible"], "text-size": 15,
      "text-allow-overlap": true,
    },
    paint: { "text-halo-width": 2 },
  });
  map.addLayer({
    id: "gap-numbers", type: "symbol", source: "shapes", filter: GAP_NUMBER,
    layout: { "text-field": ["to-string", ["get", "number"]], "text-font": ["Atkinson Hyperlegible"], "text-size": 14,
      "text-padding": 1, "symbol-sort-key": ["get", "number"] },
    paint: { "text-halo-width": 2 },
  });
}

function paint(map) {
  patternsFor(map);
  for (const status of ["under-covered", "uncovered", "to-verify", "not-searched"]) {
    const id = `gap-${status.replace("-", "_")}`;
    if (!(status.replace("-", "_") in PATTERNED)) map.setPaintProperty(id, "fill-color", colour(`--status-${status}`));
    map.setPaintProperty(`${id}-edge`, "line-color", colour(`--status-${status}-edge`));
  }
  for (const [kind, { fill }] of Object.entries(KINDS)) {
    map.setPaintProperty(`${kind}-fill`, "fill-color", colour(fill));
    map.setPaintProperty(`${kind}-line`, "line-color", colour(fill));
  }
  for (const id of ["numbers", "gap-numbers"]) {
    map.setPaintProperty(id, "text-color", colour("--ink"));
    map.setPaintProperty(id, "text-halo-color", colour("--surface"));
  }
}

async function show(box) {
  try {
    const shapes = await shapesOf(box);
    for (const feature of shapes.features) feature.properties.kind ??= "planned";
    const { borders, label } = box.dataset;
    const map = await openMap(box, { borders, label, box: boxOf(shapes.features) ?? undefined });
    addLayers(map, shapes);
    paint(map);
    document.addEventListener("solidarity:theme", () => paint(map));
    box.dataset.ready = String(shapes.features.length);
  } catch {
    box.textContent = box.dataset.failed;
    box.setAttribute("data-failed-shown", "");
  }
}

for (const box of document.querySelectorAll("[data-plan-map]")) show(box);
