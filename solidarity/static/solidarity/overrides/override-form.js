// Choosing cells of a zone by ticking their numbers or tapping them on a small map. The field for the second reason is
// shown when that reason is required.

import { position } from "../reports/place.js";

const EMPTY = { type: "FeatureCollection", features: [] };

class Cells {
  constructor(box) {
    this.box = box;
    this.form = box.closest("form");
    this.list = box.querySelector("[data-cells-list]");
    this.state = box.querySelector("[data-cells-state]");
    this.most = Number(box.dataset.most);
    this.list.addEventListener("change", (event) => {
      if (event.target.checked && this.chosen().length > this.most) event.target.checked = false;
      this.show();
    });
    box.querySelector("[data-cells-here]").addEventListener("click", () => this.here());
    this.show();
    this.open();
  }

  inputs() {
    return [...this.list.querySelectorAll("input")];
  }

  chosen() {
    return this.inputs().filter((input) => input.checked).map((input) => input.value);
  }

  /** The checkbox of a cell; in a large zone it is created when the cell is first tapped. */
  inputOf({ cell, number }) {
    const found = this.inputs().find((input) => input.value === cell);
    if (found) return found;
    const label = document.createElement("label");
    const input = document.createElement("input");
    const face = document.createElement("span");
    const name = document.createElement("span");
    label.className = "choice";
    input.type = this.most === 1 ? "radio" : "checkbox";
    input.name = this.box.dataset.name;
    input.value = cell;
    face.className = "choice__face";
    name.textContent = number;
    name.setAttribute("aria-label", this.box.dataset.cell.replace("NUMBER", number));
    face.append(name);
    label.append(input, face);
    this.list.append(label);
    return input;
  }

  flip(properties) {
    const input = this.inputOf(properties);
    if (!input.checked && this.most > 1 && this.chosen().length >= this.most) return;
    input.checked = !input.checked;
    this.show();
  }

  async open() {
    const target = this.box.querySelector("[data-cells-map]");
    const { bounds } = JSON.parse(document.getElementById("cells-box").textContent);
    try {
      const { openMap, colour } = await import("../map/points-map.js");
      this.colour = colour;
      this.map = await openMap(target, { borders: this.box.dataset.borders, label: this.box.dataset.label,
        box: bounds });
    } catch {
      this.say(this.box.dataset.failed);
      return;
    }
    const [west, south, east, north] = bounds;
    this.map.fitBounds([[west, south], [east, north]], { padding: 30, maxZoom: 15, animate: false });
    this.map.addSource("cells", { type: "geojson", data: EMPTY });
    this.map.addLayer({ id: "cells", type: "fill", source: "cells", paint: { "fill-opacity": 0.12 } });
    this.map.addLayer({ id: "chosen", type: "fill", source: "cells", filter: ["in", ["get", "cell"], ["literal", []]],
      paint: { "fill-opacity": 0.55 } });
    this.map.addLayer({ id: "edges", type: "line", source: "cells", paint: { "line-width": 1.5 } });
    this.map.addLayer({
      id: "numbers", type: "symbol", source: "cells",
      layout: { "text-field": ["to-string", ["get", "number"]], "text-font": ["Atkinson Hyperlegible"],
        "text-size": 14 },
      paint: { "text-halo-width": 2 },
    });
    this.paint();
    this.map.on("click", "cells", ({ features }) => this.flip(features[0].properties));
    this.map.on("moveend", () => this.fetchCells());
    document.addEventListener("solidarity:theme", () => this.paint());
    await this.fetchCells();
    target.dataset.ready = "1";
  }

  paint() {
    const [accent, edge, ink, paper] = ["--accent", "--edge", "--ink", "--surface"].map(this.colour);
    this.map.setPaintProperty("cells", "fill-color", accent);
    this.map.setPaintProperty("chosen", "fill-color", accent);
    this.map.setPaintProperty("edges", "line-color", edge);
    this.map.setPaintProperty("numbers", "text-color", ink);
    this.map.setPaintProperty("numbers", "text-halo-color", paper);
  }

  async fetchCells() {
    const view = this.map.getBounds();
    const body = new FormData();
    body.set("csrfmiddlewaretoken", this.form.elements.namedItem("csrfmiddlewaretoken").value);
    for (const side of ["South", "West", "North", "East"]) body.set(side.toLowerCase(), view[`get${side}`]());
    let found = EMPTY;
    try {
      const answer = await fetch(this.box.dataset.cellsUrl, { method: "POST", body, credentials: "same-origin" });
      if (answer.ok) found = await answer.json();
    } catch {
      // No network: the numbers below still work.
    }
    this.tooFar = Boolean(found.too_many);
    this.map.getSource("cells").setData(found);
    this.show();
  }

  /** Suggest the cell of the device's position. The position stays on the device; only the map's box is requested. */
  async here() {
    try {
      const { lat, lng } = await position();
      this.map.jumpTo({ center: [lng, lat], zoom: Math.max(this.map.getZoom(), 14.5) });
      await this.fetchCells();
      await this.map.once("idle");
      const [cell] = this.map.queryRenderedFeatures(this.map.project([lng, lat]), { layers: ["cells"] });
      if (!cell) throw new Error("outside");
      if (!this.chosen().includes(cell.properties.cell)) this.flip(cell.properties);
    } catch {
      this.say(this.box.dataset.nowhere);
    }
  }

  say(text) {
    this.state.textContent = text;
  }

  show() {
    const chosen = this.chosen();
    let text = this.box.dataset.stateText.replace("COUNT", chosen.length).replace("MOST", this.most);
    if (this.tooFar) text = `${text} ${this.box.dataset.closer}`;
    this.say(text);
    if (this.map?.getLayer("chosen")) this.map.setFilter("chosen", ["in", ["get", "cell"], ["literal", chosen]]);
  }
}

for (const box of document.querySelectorAll("[data-cells]")) new Cells(box);

for (const box of document.querySelectorAll("[data-days]")) {
  const days = box.querySelector("[name=days]");
  const longer = box.querySelector("[data-longer]");
  const show = () => { longer.hidden = Number(days.value) <= 7 && !longer.querySelector(".errorlist"); };
  for (const event of ["input", "change", "click"]) box.addEventListener(event, show);
  show();
}
