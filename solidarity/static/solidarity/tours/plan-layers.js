// While somebody plans a tour, the map shows the zones that they may see, and the open needs by cell.
// Both lie below the drawn line and the ticked cells, and each can be switched off.

import { colour, theme } from "../map/points-map.js";
import { IMAGE_OPTIONS, imageNamed } from "../map/patterns.js";
import { areas, themeColours } from "../map/style.js";

const STATUSES = [1, 2, 3, 4, 5, 6];
const FAINT = { fill: "fill-opacity", line: "line-opacity" };

/** The layers of one zone source, faint enough that streets and the drawn line stay visible. */
function zoneLayers(source) {
  return ["parents", "zones"].flatMap((name) => areas(name, STATUSES, theme(), themeColours()).map((layer) => ({
    ...layer, id: `${source}-${layer.id}`, source, paint: { ...layer.paint, [FAINT[layer.type]]: 0.55 },
  })));
}

function needLayers() {
  return [
    { id: "open-needs", type: "circle", source: "open-needs",
      paint: { "circle-radius": 12, "circle-color": colour("--danger"), "circle-stroke-color": colour("--surface"),
        "circle-stroke-width": 2 } },
    { id: "open-need-numbers", type: "symbol", source: "open-needs",
      layout: { "text-field": ["to-string", ["get", "needs"]], "text-font": ["Atkinson Hyperlegible"], "text-size": 14,
        "text-allow-overlap": true },
      paint: { "text-color": colour("--surface") } },
  ];
}

function repaint(map, layers) {
  for (const { id, paint } of layers) {
    for (const [name, value] of Object.entries(paint)) map.setPaintProperty(id, name, value);
  }
}

function switches(box, map, groups) {
  for (const input of box.querySelectorAll("[data-plan-layer]")) {
    const name = input.dataset.planLayer;
    const show = () => {
      for (const id of groups[name]) map.setLayoutProperty(id, "visibility", input.checked ? "visible" : "none");
      box.querySelector(`[data-plan-layer-key="${name}"]`).hidden = !input.checked;
    };
    input.addEventListener("change", show);
    show();
  }
}

/**
 * Fetch and add the layers. box: the element with data-layers-url and data-layers-failed. above: the layer below which
 * the new layers are drawn. Returns the number of open needs by cell (H3 index); an empty Map if they could not be
 * fetched.
 */
export async function addPlanLayers(map, box, above) {
  const panel = box.querySelector("[data-plan-layers]");
  panel.hidden = false;
  let found = null;
  try {
    const answer = await fetch(box.dataset.layersUrl, { credentials: "same-origin" });
    if (!answer.ok) throw new Error(`status ${answer.status}`);
    found = await answer.json();
  } catch {
    panel.querySelector("[data-plan-layers-state]").textContent = box.dataset.layersFailed;
    return new Map();
  }
  map.setMissingStyleImageResolver(async (name) => {
    const image = imageNamed(name, themeColours(), {});
    if (image && !map.hasImage(name)) map.addImage(name, image, IMAGE_OPTIONS);
  });
  const sources = found.zones.map((zone, number) => [`zones-${number}`, zone]);
  for (const [source, { tiles, lastZoom }] of sources) {
    const address = window.location.origin + tiles;
    map.addSource(source, { type: "vector", tiles: [address], minzoom: 0, maxzoom: lastZoom });
  }
  map.addSource("open-needs", { type: "geojson", data: found.needs });
  const zones = () => sources.flatMap(([source]) => zoneLayers(source));
  for (const layer of zones()) map.addLayer(layer, map.overGround);
  for (const layer of needLayers()) map.addLayer(layer, above);
  switches(panel, map, { zones: zones().map(({ id }) => id), needs: needLayers().map(({ id }) => id) });
  document.addEventListener("solidarity:theme", () => repaint(map, [...zones(), ...needLayers()]));
  panel.dataset.ready = String(found.needs.features.length);
  return new Map(found.needs.features.map(({ properties }) => [properties.cell, properties.needs]));
}
