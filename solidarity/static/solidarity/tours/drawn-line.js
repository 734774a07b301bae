// Where a tour went: a drawn line, ticked cells, or both. The server computes the cells.

import { position } from "../reports/place.js";

const EMPTY = { type: "FeatureCollection", features: [] };

class DrawnLine {
  constructor(box) {
    this.box = box;
    this.form = box.closest("form");
    this.mode = "draw";
    this.done = [];
    this.state = box.querySelector("[data-line-state]");
    for (const button of box.querySelectorAll("[data-line-mode]")) {
      button.addEventListener("click", () => this.choose(button.dataset.lineMode));
    }
    box.querySelector("[data-line-undo]").addEventListener("click", () => this.undo());
    box.querySelector("[data-line-middle]").addEventListener("click", () => this.tap(this.map?.getCenter()));
    this.form.addEventListener("draft:filled", () => this.read());
    this.read();
    this.open();
  }

  /** Read the two hidden fields, which are filled in after an error or from a draft. */
  read() {
    try {
      this.line = JSON.parse(this.form.elements.namedItem("line").value || "[]");
    } catch {
      this.line = [];
    }
    this.ticked = new Set(this.form.elements.namedItem("cells").value.split(",").filter(Boolean));
    this.show();
  }

  write() {
    const line = this.form.elements.namedItem("line");
    line.value = this.line.length ? JSON.stringify(this.line) : "";
    this.form.elements.namedItem("cells").value = [...this.ticked].join(",");
    line.dispatchEvent(new Event("input", { bubbles: true }));
  }

  async open() {
    const target = this.box.querySelector("[data-line-map]");
    const met = JSON.parse(document.getElementById("met").textContent);
    try {
      const { openMap, colour, boxOf } = await import("../map/points-map.js");
      this.colour = colour;
      const line = this.line.length ? [{ geometry: { coordinates: this.line } }] : [];
      const known = met.features.length ? met.features : line;
      this.map = await openMap(target, {
        borders: this.box.dataset.borders, label: this.box.dataset.label, box: known.length ? boxOf(known) : undefined,
      });
    } catch {
      this.state.textContent = this.box.dataset.failed;
      return;
    }
    this.layers();
    this.map.on("click", ({ lngLat }) => this.tap(lngLat));
    this.map.on("moveend", () => this.fetchCells());
    document.addEventListener("solidarity:theme", () => this.paint());
    target.dataset.ready = "1";
    if (!met.features.length && !this.line.length && !this.map.startsHere) this.lookHere();
    await this.fetchCells();
    await this.fetchLine();
    if (this.box.dataset.layersUrl) {
      const { addPlanLayers } = await import("./plan-layers.js");
      this.needs = await addPlanLayers(this.map, this.box, "line");
      this.show();
    }
  }

  async lookHere() {
    try {
      const { lat, lng } = await position();
      this.map.jumpTo({ center: [lng, lat], zoom: 14 });
    } catch {
      // The borders are already in view.
    }
  }

  layers() {
    for (const name of ["grid", "crossed", "line", "corners"]) {
      this.map.addSource(name, { type: "geojson", data: EMPTY });
    }
    const ticked = ["in", ["get", "cell"], ["literal", []]];
    this.map.addLayer({ id: "grid", type: "fill", source: "grid", paint: { "fill-color": "#000", "fill-opacity": 0 } });
    this.map.addLayer({ id: "crossed", type: "fill", source: "crossed", paint: { "fill-opacity": 0.2 } });
    this.map.addLayer({ id: "ticked", type: "fill", source: "grid", filter: ticked, paint: { "fill-opacity": 0.45 } });
    this.map.addLayer({
      id: "grid-lines", type: "line", source: "grid", paint: { "line-width": 1, "line-opacity": 0.6 },
    });
    this.map.addLayer({
      id: "line", type: "line", source: "line", layout: { "line-cap": "round", "line-join": "round" },
      paint: { "line-width": 5 },
    });
    this.map.addLayer({
      id: "corners", type: "circle", source: "corners", paint: { "circle-radius": 6, "circle-stroke-width": 2 },
    });
    this.paint();
  }

  paint() {
    const [accent, edge, paper] = ["--accent", "--edge", "--surface"].map(this.colour);
    this.map.setPaintProperty("crossed", "fill-color", accent);
    this.map.setPaintProperty("ticked", "fill-color", accent);
    this.map.setPaintProperty("grid-lines", "line-color", edge);
    this.map.setPaintProperty("line", "line-color", accent);
    this.map.setPaintProperty("corners", "circle-color", paper);
    this.map.setPaintProperty("corners", "circle-stroke-color", accent);
  }

  choose(mode) {
    this.mode = mode;
    for (const button of this.box.querySelectorAll("[data-line-mode]")) {
      button.setAttribute("aria-pressed", String(button.dataset.lineMode === mode));
    }
  }

  async tap(place) {
    if (!place) return;
    if (this.mode === "draw") {
      this.line.push([Number(place.lng.toFixed(6)), Number(place.lat.toFixed(6))]);
      this.done.push(() => this.line.pop());
      await this.changed(true);
      return;
    }
    const cell = this.map.queryRenderedFeatures(this.map.project(place), { layers: ["grid"] })[0]?.properties.cell;
    if (!cell) return;
    this.flip(cell);
    this.done.push(() => this.flip(cell));
    await this.changed(false);
  }

  flip(cell) {
    if (!this.ticked.delete(cell)) this.ticked.add(cell);
  }

  async undo() {
    this.done.pop()?.();
    await this.changed(true);
  }

  async changed(line) {
    this.write();
    this.show();
    if (line) await this.fetchLine();
  }

  async ask(address, values) {
    const body = new FormData();
    body.set("csrfmiddlewaretoken", this.form.elements.namedItem("csrfmiddlewaretoken").value);
    for (const [name, value] of Object.entries(values)) body.set(name, value);
    try {
      const answer = await fetch(address, { method: "POST", body, credentials: "same-origin" });
      return answer.ok ? await answer.json() : EMPTY;
    } catch {
      return EMPTY;
    }
  }

  async fetchCells() {
    const box = this.map.getBounds();
    const found = await this.ask(this.box.dataset.cellsUrl, {
      south: box.getSouth(), west: box.getWest(), north: box.getNorth(), east: box.getEast(),
    });
    this.tooFar = Boolean(found.too_many);
    this.map.getSource("grid").setData(found);
    this.box.querySelector("[data-line-map]").dataset.cells = String(found.features.length);
    this.show();
  }

  async fetchLine() {
    const line = JSON.stringify(this.line);
    this.crossed = this.line.length > 1 ? await this.ask(this.box.dataset.lineUrl, { line }) : EMPTY;
    this.show();
  }

  /** The number of open needs in the cells of the line and in the ticked cells. */
  needsHere() {
    const crossed = (this.crossed?.features ?? []).map(({ properties }) => properties.cell);
    return [...new Set([...crossed, ...this.ticked])].reduce((sum, cell) => sum + (this.needs.get(cell) ?? 0), 0);
  }

  show() {
    const { dataset } = this.box;
    const drawn = this.line.length || this.ticked.size;
    const counts = { POINTS: this.line.length, CELLS: this.crossed?.features.length ?? 0, TICKED: this.ticked.size };
    let text = drawn ? dataset.stateText.replace(/POINTS|CELLS|TICKED/g, (word) => counts[word]) : dataset.none;
    if (drawn && this.needs?.size) text += ` ${dataset.needsText.replace("NEEDS", this.needsHere())}`;
    if (this.tooFar) text += ` ${dataset.closer}`;
    this.state.textContent = text;
    if (!this.map?.getSource("line")) return;
    this.map.setFilter("ticked", ["in", ["get", "cell"], ["literal", [...this.ticked]]]);
    this.map.getSource("crossed").setData(this.crossed ?? EMPTY);
    const geometry = { type: "LineString", coordinates: this.line };
    this.map.getSource("line").setData(this.line.length > 1 ? { type: "Feature", properties: {}, geometry } : EMPTY);
    const corners = { type: "MultiPoint", coordinates: this.line };
    this.map.getSource("corners").setData({ type: "Feature", properties: {}, geometry: corners });
  }
}

for (const box of document.querySelectorAll("[data-drawn-line]")) new DrawnLine(box);
