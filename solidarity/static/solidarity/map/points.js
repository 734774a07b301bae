// Small read-only maps: recent points, older cells, one place.

const script = document.querySelector("script[data-borders]");

async function showAll(box) {
  const { points, cells } = JSON.parse(document.getElementById("places").textContent);
  const features = cells.map((ring) => ({ type: "Feature", properties: {},
    geometry: { type: "Polygon", coordinates: [ring] } }));
  const dots = points.map(({ lng, lat }) => ({ geometry: { coordinates: [lng, lat] } }));
  const { openMap, boxOf, colour, pin } = await import("./points-map.js");
  const map = await openMap(box, { borders: box.dataset.borders, label: box.dataset.label,
    box: boxOf([...features, ...dots]) });
  if (points.length === 1 && !cells.length) map.jumpTo({ center: points[0], zoom: map.streetZoom });
  map.addSource("cells", { type: "geojson", data: { type: "FeatureCollection", features } });
  map.addLayer({ id: "cells", type: "fill", source: "cells",
    paint: { "fill-color": colour("--accent"), "fill-opacity": 0.25 } });
  for (const { lng, lat } of points) pin(map, lng, lat, "map-dot");
  box.dataset.ready = "1";
}

async function showOne(button) {
  const frame = document.getElementById(button.dataset.showPlace);
  const opened = button.getAttribute("aria-expanded") === "true";
  button.setAttribute("aria-expanded", String(!opened));
  frame.hidden = opened;
  const box = frame.firstElementChild;
  if (opened || box.dataset.ready) return;
  box.dataset.ready = "1";
  const [lng, lat] = [Number(button.dataset.lng), Number(button.dataset.lat)];
  const { openMap, pin } = await import("./points-map.js");
  const around = [lng - 0.006, lat - 0.004, lng + 0.006, lat + 0.004];
  const map = await openMap(box, { borders: script?.dataset.borders, label: button.textContent.trim(), box: around });
  pin(map, lng, lat);
}

for (const box of document.querySelectorAll("[data-points]")) showAll(box);
for (const button of document.querySelectorAll("[data-show-place]")) button.addEventListener("click",
  () => showOne(button));
