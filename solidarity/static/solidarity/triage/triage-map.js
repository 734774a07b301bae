// The map beside the dispatchers' list. It shows cells with their numbers of needs, never points.

/** West, south, east and north of rings of coordinates. */
function boundsOf(rings) {
  const all = rings.flat();
  const [lng, lat] = [all.map(([east]) => east), all.map(([, north]) => north)];
  return all.length ? [Math.min(...lng), Math.min(...lat), Math.max(...lng), Math.max(...lat)] : null;
}

function middleOf(ring) {
  const open = ring.slice(0, -1);
  const mean = (index) => open.reduce((sum, at) => sum + at[index], 0) / open.length;
  return [mean(0), mean(1)];
}

function collection({ cells }) {
  const shapes = cells.map(([cell, count, urgent, ring]) => ({
    type: "Feature", properties: { cell, urgent }, geometry: { type: "Polygon", coordinates: [ring] },
  }));
  const labels = cells.map(([cell, count, urgent, ring]) => ({
    type: "Feature", properties: { cell, label: urgent ? `${count} !` : String(count), urgent },
    geometry: { type: "Point", coordinates: middleOf(ring) },
  }));
  return { type: "FeatureCollection", features: [...shapes, ...labels] };
}

class TriageMap {
  constructor(target, map, colour, { data, pick, filter }) {
    Object.assign(this, { target, map, colour, pick, filter, cell: "" });
    const kind = (name) => ["==", ["geometry-type"], name];
    map.addSource("needs", { type: "geojson", data: collection(data) });
    map.addLayer({ id: "cells", type: "fill", source: "needs", filter: kind("Polygon"), paint: { "fill-opacity": 0.55 } });
    map.addLayer({ id: "edges", type: "line", source: "needs", filter: kind("Polygon"), paint: { "line-width": 1.5 } });
    map.addLayer({ id: "marked", type: "line", source: "needs", filter: ["==", ["get", "cell"], ""],
      paint: { "line-width": 5 } });
    map.addLayer({
      id: "numbers", type: "symbol", source: "needs", filter: kind("Point"),
      layout: { "text-field": ["get", "label"], "text-font": ["Atkinson Hyperlegible"], "text-size": 15,
        "text-allow-overlap": true },
      paint: { "text-halo-width": 1.5 },
    });
    map.boxZoom.disable(); // dragging with Shift draws the filter instead
    map.on("click", "cells", ({ features: [{ properties: { cell } }] }) => this.choose(cell));
    map.on("mouseenter", "cells", () => { map.getCanvas().style.cursor = "pointer"; });
    map.on("mouseleave", "cells", () => { map.getCanvas().style.cursor = ""; });
    this.bind();
    this.draw(data);
    this.paint();
    document.addEventListener("solidarity:theme", () => this.paint());
  }

  paint() {
    const [accent, danger, paper, ink] = ["--accent", "--danger", "--surface", "--ink"].map(this.colour);
    const urgent = ["case", [">", ["get", "urgent"], 0], danger, accent];
    this.map.setPaintProperty("cells", "fill-color", urgent);
    this.map.setPaintProperty("edges", "line-color", urgent);
    this.map.setPaintProperty("marked", "line-color", ink);
    this.map.setPaintProperty("numbers", "text-color", ink);
    this.map.setPaintProperty("numbers", "text-halo-color", paper);
  }

  draw(data) {
    this.cells = new Map(data.cells.map(([cell, , , ring]) => [cell, ring]));
    this.map.getSource("needs").setData(collection(data));
    const note = this.target.querySelector("[data-map-note]");
    note.textContent = data.unplaced ? this.target.dataset.unplaced.replace("NUMBER", String(data.unplaced)) : "";
    this.target.dataset.cells = String(data.cells.length);
  }

  /** Highlight a cell; "" for none. */
  mark(cell) {
    if (cell === this.cell) return;
    this.cell = cell;
    this.target.dataset.marked = cell;
    this.map.setFilter("marked", ["all", ["==", ["get", "cell"], cell], ["==", ["geometry-type"], "Polygon"]]);
    const ring = this.cells.get(cell);
    if (ring && !this.map.getBounds().contains(middleOf(ring))) this.map.panTo(middleOf(ring), { duration: 0 });
  }

  choose(cell) {
    this.mark(cell);
    this.pick(cell, boundsOf([this.cells.get(cell)])); // this is the only cell with its middle in this box
  }

  resize() {
    this.map.resize();
  }

  // --- a part of the map as filter ---

  bind() {
    const [draw, part] = ["draw", "this-part"].map((name) => document.querySelector(`[data-${name}]`));
    draw.addEventListener("click", () => this.drawing(draw, draw.getAttribute("aria-pressed") !== "true"));
    part.addEventListener("click", () => {
      const view = this.map.getBounds();
      this.filter([view.getWest(), view.getSouth(), view.getEast(), view.getNorth()]);
    });
    const place = this.map.getCanvasContainer();
    place.addEventListener("pointerdown", (event) => {
      if (event.button !== 0 || !(event.shiftKey || draw.getAttribute("aria-pressed") === "true")) return;
      event.preventDefault();
      event.stopPropagation();
      this.drag(place, event);
    }, { capture: true });
  }

  drawing(button, on) {
    button.setAttribute("aria-pressed", String(on));
    this.map.dragPan[on ? "disable" : "enable"]();
    this.map.touchZoomRotate[on ? "disable" : "enable"]();
    this.map.getCanvasContainer().classList.toggle("triage-map__draws", on);
    const note = this.target.querySelector("[data-map-note]");
    note.textContent = on ? this.target.dataset.drawing : "";
  }

  /** Follow the pointer and show the box. At the end of the drag, filter by the box. */
  drag(place, { pointerId, clientX, clientY }) {
    const frame = place.getBoundingClientRect();
    const start = [clientX - frame.left, clientY - frame.top];
    const shape = document.createElement("div");
    shape.className = "triage-map__box";
    place.append(shape);
    this.map.dragPan.disable();
    const sides = (event) => {
      const end = [event.clientX - frame.left, event.clientY - frame.top];
      return [Math.min(start[0], end[0]), Math.min(start[1], end[1]), Math.max(start[0], end[0]), Math.max(start[1], end[1])];
    };
    const move = (event) => {
      const [left, top, right, bottom] = sides(event);
      Object.assign(shape.style, {
        left: `${left}px`, top: `${top}px`, width: `${right - left}px`, height: `${bottom - top}px`,
      });
    };
    const stop = (event) => {
      place.removeEventListener("pointermove", move);
      shape.remove();
      if (!place.classList.contains("triage-map__draws")) this.map.dragPan.enable();
      const [left, top, right, bottom] = sides(event);
      if (event.type === "pointercancel" || right - left < 8 || bottom - top < 8) return;
      const [west, north] = this.map.unproject([left, top]).toArray();
      const [east, south] = this.map.unproject([right, bottom]).toArray();
      this.filter([west, south, east, north]);
    };
    place.setPointerCapture(pointerId);
    place.addEventListener("pointermove", move);
    place.addEventListener("pointerup", stop, { once: true });
    place.addEventListener("pointercancel", stop, { once: true });
  }
}

/** Open the map in its container. data: of list_cells.py. pick, filter: called with a cell or a box. Returns null if
 * the map cannot be shown. */
export async function openTriageMap(target, options) {
  const note = target.querySelector("[data-map-note]");
  try {
    const { openMap, colour } = await import("../map/points-map.js");
    const { borders, label } = target.dataset;
    const box = options.box ? options.box.split(",").map(Number) : boundsOf(options.data.cells.map((cell) => cell[3]));
    const canvas = document.createElement("div");
    canvas.className = "triage-map__canvas";
    target.prepend(canvas);
    const map = await openMap(canvas, { borders, label, box });
    const found = new TriageMap(target, map, colour, options);
    target.map = map;
    map.once("idle", () => { target.dataset.ready = "1"; });
    return found;
  } catch {
    note.textContent = target.dataset.failed;
    return null;
  }
}
