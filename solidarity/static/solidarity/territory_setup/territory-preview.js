// The borders of an uploaded file on a map, with their cells once the size of the cells is known.

const box = document.querySelector("[data-territory-preview]");

async function draw() {
  const target = box.querySelector("[data-preview-map]");
  const { boxOf, colour, openMap } = await import("../map/points-map.js");
  const read = async (address) => (await fetch(address, { credentials: "same-origin" })).json();
  const { borders, cells, label } = box.dataset;
  const { features } = await read(borders);
  const map = await openMap(target, { borders, label, box: boxOf(features) });
  if (cells) {
    map.addSource("cells", { type: "geojson", data: await read(cells) });
    map.addLayer({ id: "cells", type: "line", source: "cells",
      paint: { "line-width": 0.7, "line-opacity": 0.7 } }, "borders");
  }
  const paint = () => {
    if (cells) map.setPaintProperty("cells", "line-color", colour("--accent"));
    map.setPaintProperty("borders", "line-width", 2.5);
    map.setPaintProperty("borders", "line-color", colour("--ink"));
  };
  paint();
  document.addEventListener("solidarity:theme", paint);
  map.once("idle", () => { target.dataset.ready = "1"; });
}

draw().catch(() => { box.querySelector("[data-preview-state]").textContent = box.dataset.failed; });
