// The map of an event and its list. All reports are loaded as binary rows (needs/crises/report_list.py);
// the map and the list always show the same rows.

const ROW = 33; // bytes
const NO_PLACE = 8; // flag
const MAX_ZOOM = 19;
const NOW = 0; // index of the highest urgency

const box = document.querySelector("[data-crisis]");
const setting = JSON.parse(document.getElementById("crisis-setting").textContent);
const area = JSON.parse(document.getElementById("crisis-area").textContent);
const form = document.getElementById("crisis-filter");
const find = (name) => box.querySelector(`[data-${name}]`);
const number = new Intl.NumberFormat(document.documentElement.lang);
const moment = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "short", timeStyle: "short" });
const later = (wait, act) => {
  let timer = 0;
  return () => {
    clearTimeout(timer);
    timer = setTimeout(act, wait);
  };
};

/** Returns the binary rows as columns, in the order of the list. */
function columns(buffer) {
  const view = new DataView(buffer);
  const count = Math.floor(buffer.byteLength / ROW);
  const rows = {
    count,
    bytes: new Uint8Array(buffer),
    lng: new Int32Array(count),
    lat: new Int32Array(count),
    at: new Uint32Array(count),
    topic: new Uint16Array(count),
    urgency: new Uint8Array(count),
    state: new Uint8Array(count),
    flags: new Uint8Array(count),
  };
  for (let i = 0, start = 16; i < count; i += 1, start += ROW) {
    rows.lng[i] = view.getInt32(start, true);
    rows.lat[i] = view.getInt32(start + 4, true);
    rows.at[i] = view.getUint32(start + 8, true);
    rows.topic[i] = view.getUint16(start + 12, true);
    rows.urgency[i] = view.getUint8(start + 14);
    rows.state[i] = view.getUint8(start + 15);
    rows.flags[i] = view.getUint8(start + 16);
  }
  return rows;
}

/**
 * The time slider with two ends, in steps of ten minutes or one hour. A handle at the end of the slider does not
 * filter.
 */
class Times {
  constructor(changed) {
    const span = setting.until - setting.from;
    this.step = span > 3 * 86400 ? 3600 : 600;
    this.first = Math.floor(setting.from / this.step) * this.step;
    this.most = Math.max(1, Math.ceil((setting.until - this.first) / this.step));
    this.ends = { from: box.querySelector("[data-slide=from]"), until: box.querySelector("[data-slide=until]") };
    for (const end of Object.values(this.ends)) end.max = this.most;
    this.ends.from.value = setting.start === null ? 0 : Math.round((setting.start - this.first) / this.step);
    this.ends.until.value = setting.end === null ? this.most : Math.round((setting.end - 59 - this.first) / this.step);
    for (const [name, end] of Object.entries(this.ends)) {
      end.addEventListener("input", () => {
        const other = this.ends[name === "from" ? "until" : "from"];
        if (Number(this.ends.from.value) > Number(this.ends.until.value)) other.value = end.value;
        this.show();
        changed();
      });
    }
    find("time").hidden = false;
    box.querySelector(".crisis-time__fields").hidden = true;
    for (const field of box.querySelectorAll(".crisis-time__fields input")) field.disabled = true;
    this.show();
  }

  get start() {
    const value = Number(this.ends.from.value);
    return value > 0 ? this.first + value * this.step : null;
  }

  /** The last second of the range. */
  get end() {
    const value = Number(this.ends.until.value);
    return value < this.most ? this.first + value * this.step + 59 : null;
  }

  show() {
    for (const [name, end] of Object.entries(this.ends)) {
      const words = moment.format(new Date((this.first + Number(end.value) * this.step) * 1000));
      find(`time-${name}`).textContent = words;
      end.setAttribute("aria-valuetext", words);
    }
  }
}

class CrisisMap {
  constructor(rows) {
    this.rows = rows;
    this.times = new Times(() => this.choose());
    this.features = [];
    for (let i = 0; i < rows.count; i += 1) {
      this.features.push({
        type: "Feature",
        properties: { i, now: rows.urgency[i] === NOW ? 1 : 0 },
        geometry: { type: "Point", coordinates: [rows.lng[i] / 1e6, rows.lat[i] / 1e6] },
      });
    }
    this.page = 0;
    this.drawSoon = later(60, () => this.draw());
    this.listSoon = later(200, () => this.list());
    form.addEventListener("change", ({ target }) => { if (target.type === "checkbox") this.choose(); });
    form.addEventListener("submit", (event) => event.preventDefault());
    find("submit").hidden = true;
    find("pages-server").hidden = true;
    for (const button of box.querySelectorAll("[data-page-step]")) {
      button.addEventListener("click", () => this.turn(this.page + Number(button.dataset.pageStep)));
    }
    find("box-take").addEventListener("click", () => this.takeBox());
    find("box-drop").addEventListener("click", () => this.setBox(""));
  }

  checked(name, values) {
    const ticked = [...form.querySelectorAll(`[name=${name}]:checked`)].map(({ value }) => value);
    return ticked.length ? new Set(ticked.map((value) => values.indexOf(value))) : null;
  }

  /** Returns the indexes of the rows that match the filter. */
  matching() {
    const { rows } = this;
    const topics = this.checked("topics", ["", ...setting.topics.map(([key]) => String(key))]);
    const urgencies = this.checked("urgency", setting.urgencies);
    const states = this.checked("states", setting.states);
    const { start, end } = this.times;
    const [west, south, east, north] = this.box ?? [];
    const found = [];
    for (let i = 0; i < rows.count; i += 1) {
      if (topics && !topics.has(rows.topic[i])) continue;
      if (urgencies && !urgencies.has(rows.urgency[i])) continue;
      if (states && !states.has(rows.state[i])) continue;
      if ((start !== null && rows.at[i] < start) || (end !== null && rows.at[i] > end)) continue;
      if (this.box) {
        if (rows.flags[i] & NO_PLACE) continue;
        if (rows.lng[i] < west || rows.lng[i] > east || rows.lat[i] < south || rows.lat[i] > north) continue;
      }
      found.push(i);
    }
    return found;
  }

  /** Returns the box of the filter in millionths of a degree; null without a box. */
  get box() {
    const text = form.elements.namedItem("box").value;
    return text ? text.split(",").map((part) => Math.round(Number(part) * 1e6)) : null;
  }

  get query() {
    const query = new URLSearchParams();
    for (const { name, value } of form.querySelectorAll("input[type=checkbox]:checked")) query.append(name, value);
    const minute = (seconds) => new Date(seconds * 1000).toISOString().replace(/:\d\d\.\d+Z$/, "Z");
    if (this.times.start !== null) query.set("start", minute(this.times.start).replace("Z", ":00Z"));
    if (this.times.end !== null) query.set("end", minute(this.times.end).replace("Z", ":00Z"));
    if (form.elements.namedItem("box").value) query.set("box", form.elements.namedItem("box").value);
    return query.toString();
  }

  choose() {
    this.found = this.matching();
    this.page = 0;
    this.say();
    this.drawSoon();
    this.listSoon();
  }

  say() {
    const { length } = this.found;
    const unplaced = this.found.filter((i) => this.rows.flags[i] & NO_PLACE).length;
    const title = find("count");
    title.textContent = length === 1 ? box.dataset.one : box.dataset.many.replace("NUMBER", number.format(length));
    title.dataset.count = length;
    find("crisis-note").textContent = unplaced ? box.dataset.unplaced.replace("NUMBER", number.format(unplaced)) : "";
    find("crisis-note").dataset.unplaced = unplaced;
    find("box-drop").hidden = !this.box;
    find("box-take").hidden = !this.map;
    const { query } = this;
    history.replaceState(null, "", query ? `?${query}` : location.pathname);
    const keep = find("keep-query");
    if (keep) keep.value = query;
  }

  // --- the list ------------------------------------------------------------------------------------------------------

  key(i) {
    const bytes = [...this.rows.bytes.subarray(i * ROW, i * ROW + 16)];
    const hex = bytes.map((byte) => byte.toString(16).padStart(2, "0")).join("");
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
  }

  get pages() {
    return Math.max(1, Math.ceil(this.found.length / setting.page));
  }

  async list(focus = "") {
    const turn = (this.turns = (this.turns ?? 0) + 1);
    const few = this.found.slice(this.page * setting.page, (this.page + 1) * setting.page);
    const ids = few.map((i) => this.key(i)).join(",");
    const answer = await fetch(`${box.dataset.lines}?ids=${ids}`, { credentials: "same-origin" });
    if (!answer.ok || turn !== this.turns) return;
    find("list").innerHTML = await answer.text();
    find("pages").hidden = this.pages === 1;
    find("page-now").textContent = box.dataset.page.replace("PAGE", this.page + 1).replace("ALL", this.pages);
    for (const button of box.querySelectorAll("[data-page-step]")) {
      const target = this.page + Number(button.dataset.pageStep);
      button.disabled = target < 0 || target >= this.pages;
    }
    if (focus) this.pick(focus);
  }

  turn(page) {
    this.page = Math.min(Math.max(page, 0), this.pages - 1);
    this.list();
    find("count").scrollIntoView({ block: "nearest" });
  }

  pick(key) {
    for (const each of box.querySelectorAll("[data-line]")) each.toggleAttribute("data-picked", each.dataset.line === key);
    const line = box.querySelector("[data-picked]");
    line?.scrollIntoView({ block: "nearest" });
    line?.querySelector("a")?.focus({ preventScroll: true });
  }

  // --- the map -------------------------------------------------------------------------------------------------------

  collection() {
    const placed = this.found.filter((i) => !(this.rows.flags[i] & NO_PLACE));
    return { type: "FeatureCollection", features: placed.map((i) => this.features[i]) };
  }

  draw() {
    this.map?.getSource("reports").setData(this.collection());
  }

  async open() {
    const { openMap, boxOf, colour } = await import("../map/points-map.js");
    this.colour = colour;
    const geometry = { type: "MultiPolygon", coordinates: area.map((ring) => [ring]) };
    const shape = { type: "Feature", properties: {}, geometry };
    const target = find("crisis-map");
    const { borders, label } = target.dataset;
    const map = await openMap(target, { borders, label, box: this.firstBox(boxOf([shape])) });
    map.addSource("area", { type: "geojson", data: shape });
    map.addLayer({
      id: "area", type: "line", source: "area", paint: { "line-width": 2.5, "line-dasharray": [2, 1.5] },
    });
    map.addSource("reports", {
      type: "geojson", data: this.collection(), cluster: true, clusterRadius: 44,
      maxzoom: MAX_ZOOM + 1, clusterMaxZoom: MAX_ZOOM,
      clusterProperties: { now: ["+", ["get", "now"]] },
    });
    map.addLayer({
      id: "clusters", type: "circle", source: "reports", filter: ["has", "point_count"],
      paint: {
        "circle-radius": ["interpolate", ["linear"], ["log10", ["get", "point_count"]], 0, 14, 2, 20, 5, 34],
        "circle-stroke-width": 3,
      },
    });
    map.addLayer({
      id: "counts", type: "symbol", source: "reports", filter: ["has", "point_count"],
      layout: {
        "text-field": ["to-string", ["get", "point_count"]],
        "text-font": ["Atkinson Hyperlegible"],
        "text-size": 14,
        "text-allow-overlap": true,
      },
    });
    map.addLayer({
      id: "singles", type: "circle", source: "reports", filter: ["!", ["has", "point_count"]],
      paint: { "circle-radius": 8, "circle-stroke-width": 2.5 },
    });
    this.map = map;
    this.paint();
    document.addEventListener("solidarity:theme", () => this.paint());
    map.on("click", "clusters", (event) => this.enter(event.features[0]));
    map.on("click", "singles", ({ features }) => this.goTo(features[0].properties.i));
    for (const layer of ["clusters", "singles"]) {
      map.on("mouseenter", layer, () => { map.getCanvas().style.cursor = "pointer"; });
      map.on("mouseleave", layer, () => { map.getCanvas().style.cursor = ""; });
    }
    this.say();
    map.once("idle", () => {
      box.dataset.drawn = Math.round(performance.now());
      target.dataset.ready = "1";
    });
  }

  firstBox(around) {
    return this.box ? this.box.map((value) => value / 1e6) : around;
  }

  paint() {
    const [accent, danger, paper] = ["--accent", "--danger", "--surface"].map(this.colour);
    const urgent = ["case", [">", ["get", "now"], 0], danger, accent];
    this.map.setPaintProperty("area", "line-color", accent);
    for (const layer of ["clusters", "singles"]) {
      this.map.setPaintProperty(layer, "circle-color", urgent);
      this.map.setPaintProperty(layer, "circle-stroke-color", paper);
    }
    this.map.setPaintProperty("counts", "text-color", paper);
  }

  /** Zooms into a cluster. If all its reports are at one place, filters by that place instead. */
  async enter(cluster) {
    const [lng, lat] = cluster.geometry.coordinates;
    const zoom = await this.map.getSource("reports").getClusterExpansionZoom(cluster.properties.cluster_id);
    if (zoom <= MAX_ZOOM) this.map.easeTo({ center: [lng, lat], zoom: zoom + 0.2 });
    else this.setBox([lng - 3e-5, lat - 3e-5, lng + 3e-5, lat + 3e-5].map((value) => value.toFixed(6)).join(","));
  }

  goTo(i) {
    this.page = Math.floor(this.found.indexOf(i) / setting.page);
    this.list(this.key(i));
  }

  takeBox() {
    const bounds = this.map.getBounds();
    const limit = (value, most) => Math.min(Math.max(value, -most), most);
    const sides = [
      limit(bounds.getWest(), 180), limit(bounds.getSouth(), 90), limit(bounds.getEast(), 180), limit(bounds.getNorth(), 90),
    ];
    this.setBox(sides.map((value) => value.toFixed(6)).join(","));
  }

  setBox(text) {
    form.elements.namedItem("box").value = text;
    this.choose();
  }
}

async function start() {
  find("crisis-note").textContent = box.dataset.loading;
  try {
    const answer = await fetch(box.dataset.reports, { credentials: "same-origin" });
    if (!answer.ok) throw new Error(String(answer.status));
    const crisis = new CrisisMap(columns(await answer.arrayBuffer()));
    box.crisis = crisis;
    crisis.found = crisis.matching();
    crisis.say();
    await Promise.all([crisis.list(), crisis.open()]);
  } catch (problem) {
    find("crisis-note").textContent = box.dataset.failed;
    throw problem;
  }
}

start();
