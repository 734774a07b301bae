// The area of an alert: a circle around a place, or corners tapped one after the other.
// With the keyboard, the arrow keys move the map, and a button chooses its middle.

import { position } from "../reports/place.js";

const ROUND = 6; // decimals of a degree: about 10 cm
const STEPS = 48;

function polygon(ring) {
  return { type: "Feature", properties: {}, geometry: { type: "Polygon", coordinates: [[...ring, ring[0]]] } };
}

/** Return the corners of a circle; converts metres to degrees like the server. */
function circleAround({ lat, lng }, metres) {
  const tall = metres / 111195;
  const wide = tall / Math.max(Math.cos((lat * Math.PI) / 180), 0.01);
  return Array.from({ length: STEPS }, (_none, step) => {
    const turn = (2 * Math.PI * step) / STEPS;
    return [lng + wide * Math.cos(turn), lat + tall * Math.sin(turn)];
  });
}

class Area {
  constructor(form) {
    this.form = form;
    this.box = form.querySelector("[data-area]");
    this.state = this.box.querySelector("[data-area-state]");
    const names = ["latitude", "longitude", "radius", "corners"];
    this.fields = Object.fromEntries(names.map((name) => [name, form.elements.namedItem(name)]));
    this.corners = JSON.parse(this.fields.corners.value || "[]");
    form.addEventListener("change", ({ target: { name } }) => {
      if (name === "where" || name === "radius") this.show(name === "where");
    });
    const on = (name, act) => this.box.querySelector(`[data-area-${name}]`).addEventListener("click", act);
    on("middle", () => this.map && this.take(this.map.getCenter()));
    on("locate", () => this.locate());
    on("undo", () => { this.corners.pop(); this.show(); });
    on("clear", () => this.clear());
    this.show(true);
  }

  get way() {
    return this.form.querySelector("[name=where]:checked")?.value ?? "";
  }

  get middle() {
    const [lat, lng] = [this.fields.latitude.value, this.fields.longitude.value];
    return lat && lng ? { lat: Number(lat.replace(",", ".")), lng: Number(lng.replace(",", ".")) } : null;
  }

  /** Return the corners of the chosen area; null while there is none. */
  get ring() {
    if (this.way === "circle") return this.middle && circleAround(this.middle, Number(this.fields.radius.value));
    return this.corners.length > 2 ? this.corners : null;
  }

  take({ lat, lng }) {
    const [latitude, longitude] = [Number(lat.toFixed(ROUND)), Number(lng.toFixed(ROUND))];
    if (this.way === "circle") {
      this.fields.latitude.value = latitude;
      this.fields.longitude.value = longitude;
    } else this.corners.push([longitude, latitude]);
    this.show();
  }

  clear() {
    if (this.way === "circle") this.fields.latitude.value = this.fields.longitude.value = "";
    else this.corners = [];
    this.show();
  }

  async locate() {
    this.say(this.box.dataset.looking);
    try {
      const { lat, lng } = await position();
      this.map?.jumpTo({ center: [lng, lat], zoom: 13 });
      this.show();
    } catch {
      this.say(this.box.dataset.refused);
    }
  }

  say(text) {
    this.state.textContent = text;
  }

  words() {
    if (this.way === "circle") return this.middle ? this.box.dataset.circleSet : this.box.dataset.circleNone;
    const count = this.corners.length;
    if (count === 0) return this.box.dataset.drawnNone;
    return (count > 2 ? this.box.dataset.drawnSet : this.box.dataset.drawnSome).replace("COUNT", count);
  }

  show(wayChanged = false) {
    const { way } = this;
    for (const part of this.form.querySelectorAll("[data-where]")) {
      part.hidden = !part.dataset.where.split(" ").includes(way);
    }
    this.fields.corners.value = JSON.stringify(this.corners);
    if (this.box.hidden) return;
    this.say(this.words());
    if (!this.map) this.open();
    else this.draw(wayChanged);
  }

  async open() {
    if (this.opening) return;
    this.opening = true;
    const target = this.box.querySelector("[data-area-map]");
    try {
      const { openMap, colour } = await import("../map/points-map.js");
      this.colour = colour;
      this.map = await openMap(target, { borders: this.box.dataset.borders, label: this.box.dataset.label });
    } catch {
      this.say(this.box.dataset.failed);
      return;
    }
    this.map.addSource("area", { type: "geojson", data: { type: "FeatureCollection", features: [] } });
    const layer = (id, type, filter, paint) => this.map.addLayer({ id, type, source: "area", filter, paint });
    layer("area", "fill", ["==", ["geometry-type"], "Polygon"], { "fill-opacity": 0.25 });
    layer("area-edge", "line", ["!=", ["geometry-type"], "Point"], { "line-width": 3 });
    layer("area-corners", "circle", ["==", ["geometry-type"], "Point"], { "circle-radius": 6, "circle-stroke-width": 2 });
    this.paint();
    document.addEventListener("solidarity:theme", () => this.paint());
    this.map.on("click", ({ lngLat }) => this.take(lngLat));
    this.draw(true);
    target.dataset.ready = "1";
  }

  paint() {
    const [accent, paper] = ["--accent", "--surface"].map(this.colour);
    this.map.setPaintProperty("area", "fill-color", accent);
    this.map.setPaintProperty("area-edge", "line-color", accent);
    this.map.setPaintProperty("area-corners", "circle-color", accent);
    this.map.setPaintProperty("area-corners", "circle-stroke-color", paper);
  }

  draw(lookAtIt) {
    const { ring } = this;
    const points = this.way === "circle" ? (this.middle ? [[this.middle.lng, this.middle.lat]] : []) : this.corners;
    const feature = (type, coordinates) => ({ type: "Feature", properties: {}, geometry: { type, coordinates } });
    const features = points.map((coordinates) => feature("Point", coordinates));
    if (ring) features.push(polygon(ring));
    else if (points.length > 1) features.push(feature("LineString", points));
    this.map.getSource("area").setData({ type: "FeatureCollection", features });
    this.box.dataset.corners = points.length;
    if (!lookAtIt || !ring) return;
    const [lngs, lats] = [0, 1].map((axis) => ring.map((corner) => corner[axis]));
    const bounds = [[Math.min(...lngs), Math.min(...lats)], [Math.max(...lngs), Math.max(...lats)]];
    this.map.fitBounds(bounds, { padding: 40, animate: false });
  }
}

for (const form of document.querySelectorAll("[data-alert]")) new Area(form);
