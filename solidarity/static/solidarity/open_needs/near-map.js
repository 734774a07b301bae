// Needs near me: the map shows the cells of the list, with the list's numbers. A tap on a cell marks its place in the
// list; a tap on a number in the list shows the cell. The map holds outlines and centres of cells, no exact place.

import { boxOf, colour, openMap } from "../map/points-map.js";

const box = document.querySelector("[data-near-map]");
const frame = box.parentElement;
const CELLS = ["==", ["geometry-type"], "Polygon"];
const CENTRES = ["==", ["geometry-type"], "Point"];
const ROOM = { top: 76, bottom: 30, left: 30, right: 70 }; // below the search, beside the zoom buttons
let map = null;
let chosen = 0;

const shapesNow = () => JSON.parse(document.getElementById("near-shapes").textContent);
const chosenOnly = () => ["==", ["get", "number"], chosen];

function addLayers(shapes) {
  map.addSource("needs", { type: "geojson", data: shapes });
  const layer = (id, type, filter, more) => map.addLayer({ id, type, source: "needs", filter, ...more });
  layer("cells", "fill", CELLS, { paint: { "fill-opacity": 0.28 } });
  layer("edges", "line", CELLS, { paint: { "line-width": 2 } });
  layer("chosen", "line", ["all", CELLS, chosenOnly()], { paint: { "line-width": 5 } });
  layer("discs", "circle", CENTRES, { paint: { "circle-radius": 14, "circle-stroke-width": 2.5 } });
  layer("numbers", "symbol", CENTRES, {
    layout: {
      "text-field": ["to-string", ["get", "number"]], "text-font": ["Atkinson Hyperlegible"], "text-size": 15,
      "text-allow-overlap": true, "symbol-sort-key": ["get", "number"],
    },
  });
}

function paint() {
  const edge = ["case", ["get", "urgent"], colour("--danger"), colour("--accent")];
  map.setPaintProperty("cells", "fill-color", edge);
  map.setPaintProperty("edges", "line-color", edge);
  map.setPaintProperty("chosen", "line-color", colour("--ink"));
  map.setPaintProperty("discs", "circle-color", ["case", ["get", "urgent"], colour("--danger"), colour("--surface")]);
  map.setPaintProperty("discs", "circle-stroke-color", edge);
  map.setPaintProperty("numbers", "text-color", ["case", ["get", "urgent"], colour("--surface"), colour("--ink")]);
}

function look(features) {
  const [west, south, east, north] = boxOf(features);
  map.fitBounds([[west, south], [east, north]], { padding: ROOM, maxZoom: 15, animate: false });
}

/** Mark a place in the list and on the map. from: "map" scrolls the list, "list" moves the map. */
function choose(number, from) {
  chosen = number;
  for (const place of document.querySelectorAll("[data-near-place]")) {
    const here = Number(place.dataset.nearPlace) === number;
    if (here) place.setAttribute("aria-current", "true");
    else place.removeAttribute("aria-current");
    if (here && from === "map") place.scrollIntoView({ block: "nearest" });
  }
  map?.setFilter("chosen", ["all", CELLS, chosenOnly()]);
  box.dataset.chosen = String(number);
  if (from !== "list" || !map) return;
  look(shapesNow().features.filter(({ properties }) => properties.number === number));
  frame.scrollIntoView({ block: "nearest" });
}

async function open(shapes) {
  try {
    const { borders, label } = box.dataset;
    map = await openMap(box, { borders, label, box: boxOf(shapes.features) ?? undefined });
  } catch {
    box.textContent = box.dataset.failed;
    box.setAttribute("data-failed-shown", "");
    return;
  }
  addLayers(shapes);
  paint();
  document.addEventListener("solidarity:theme", paint);
  map.on("click", ({ point }) => {
    const [cell] = map.queryRenderedFeatures(point, { layers: ["discs", "cells"] });
    choose(cell ? cell.properties.number : 0, "map");
  });
  map.on("mousemove", ({ point }) => {
    const over = map.queryRenderedFeatures(point, { layers: ["discs", "cells"] }).length;
    map.getCanvas().style.cursor = over ? "pointer" : "";
  });
  show(shapesNow());
}

/** Show the places of the list that the page now has. */
function show(shapes) {
  frame.hidden = !shapes.features.length;
  if (frame.hidden) return;
  if (!map) return;
  map.resize();
  map.getSource("needs").setData(shapes);
  look(shapes.features);
  choose(0, "");
  box.dataset.ready = String(shapes.features.length / 2);
}

let opening = null;
function update() {
  const shapes = shapesNow();
  frame.hidden = !shapes.features.length;
  if (frame.hidden) box.dataset.ready = "0";
  else if (opening) show(shapes);
  else opening = open(shapes);
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-near-show]");
  if (button) choose(Number(button.dataset.nearShow), "list");
});
// The address keeps only the filters that are set.
document.addEventListener("htmx:config:request", ({ detail }) => {
  const { body } = detail.ctx.request;
  for (const [name, value] of [...body.entries()]) if (value === "") body.delete(name);
});
document.addEventListener("htmx:after:swap", update);
update();
