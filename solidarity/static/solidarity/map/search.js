// The search for addresses, places and territories: a combobox that asks our own server while somebody types.
// Hooks: data-place-search with data-address and its sentences (templates/volunteers/place_names/search_box.html).

const PAUSE = 180; // milliseconds without typing before the server is asked
const SHORTEST = 2; // letters
let boxes = 0;

class PlaceSearch {
  /**
   * bounds: returns west, south, east, north of the shown map, or null. choose: called with the chosen result. keep:
   * called with the typed text, and with "" when a place was chosen that is surely meant. quiet: whether the page itself says what is chosen.
   */
  constructor(root, { bounds = () => null, choose, keep = () => {}, quiet = false }) {
    Object.assign(this, { root, bounds, choose, keep, quiet, active: -1, results: [] });
    this.input = root.querySelector("input");
    this.list = root.querySelector("[role=listbox]");
    this.state = root.querySelector("[data-place-search-state]");
    this.prepare();
    if (this.input.value && document.activeElement === this.input) this.askSoon(); // typed before this was ready
    this.input.addEventListener("input", () => this.askSoon());
    this.input.addEventListener("keydown", (event) => this.key(event));
    this.input.addEventListener("blur", () => this.close());
    this.input.addEventListener("click", () => { if (this.results.length) this.open(); });
    this.list.addEventListener("mousedown", (event) => event.preventDefault()); // the field keeps the focus
    this.list.addEventListener("click", ({ target }) => {
      const option = target.closest("[role=option]");
      if (option) this.take([...this.list.children].indexOf(option));
    });
  }

  /** Without scripts, this is a plain field of the form. With scripts, the form does not send it. */
  prepare() {
    boxes += 1;
    const label = this.root.querySelector("label");
    this.input.removeAttribute("name");
    this.input.id = label.htmlFor = `place-query-${boxes}`;
    this.list.id = `place-options-${boxes}`;
    const roles = { role: "combobox", "aria-expanded": "false", "aria-controls": this.list.id,
      "aria-autocomplete": "list", enterkeyhint: "search" };
    for (const [name, value] of Object.entries(roles)) this.input.setAttribute(name, value);
    this.root.dataset.ready = "1";
  }

  say(text) {
    this.state.textContent = text;
  }

  askSoon() {
    window.clearTimeout(this.waiting);
    this.asking?.abort();
    this.results = [];
    this.close();
    this.say("");
    if (this.input.value.trim().length < SHORTEST) return;
    this.waiting = window.setTimeout(() => this.ask(), PAUSE);
  }

  /** Ask the server. The text is in the body, so that no log of addresses contains it. */
  async ask() {
    const { dataset } = this.root;
    const body = new FormData();
    body.set("text", this.input.value);
    this.keep(this.input.value.trim());
    const shown = this.bounds();
    if (shown) ["west", "south", "east", "north"].forEach((side, number) => body.set(side, shown[number]));
    this.asking?.abort();
    const own = new AbortController();
    this.asking = own;
    this.say(dataset.searching);
    try {
      const answer = await fetch(dataset.address, { method: "POST", body, credentials: "same-origin", signal: own.signal });
      if (own !== this.asking) return;
      if (!answer.ok) {
        this.say(answer.status === 429 ? dataset.many : dataset.failed);
        return;
      }
      const { results, streets } = await answer.json();
      // What is only perhaps meant is never first: the first row keeps the words.
      const sure = results.some(({ perhaps }) => !perhaps);
      this.unsure = sure ? "" : dataset[streets ? "unsure" : "noStreets"];
      this.nothing = streets ? dataset.none : dataset.noStreets;
      this.results = results.length && !sure ? [{ kept: true, label: this.input.value, note: this.unsure }, ...results] : results;
    } catch {
      if (!own.signal.aborted) this.say(navigator.onLine ? dataset.failed : dataset.offline);
      return;
    }
    if (own.signal.aborted) return;
    this.asked = this.input.value;
    this.show();
  }

  show() {
    this.list.replaceChildren(...this.results.map((result, number) => this.option(result, number)));
    const { count } = this.root.dataset;
    const places = this.results.filter(({ kept }) => !kept).length;
    this.say(places ? `${this.unsure} ${count.replace("NUMBER", places)}`.trim() : this.nothing);
    this.state.classList.toggle("visually-hidden", this.results.length > 0); // sighted readers see this in the list
    if (this.results.length && document.activeElement === this.input) this.open();
  }

  option(result, number) {
    const option = document.createElement("li");
    option.id = `${this.list.id}-${number}`;
    option.setAttribute("role", "option");
    option.setAttribute("aria-selected", "false");
    if (result.kind) option.dataset.kind = result.kind;
    const add = (tag, text, className) => {
      if (!text) return;
      const part = document.createElement(tag);
      part.textContent = text;
      part.dir = "auto";
      if (className) part.className = className;
      option.append(part);
    };
    if (result.perhaps) add("small", this.root.dataset.perhaps, "place-search__perhaps");
    add("span", result.label);
    add("small", result.context);
    add("small", result.note, "place-search__note");
    return option;
  }

  open() {
    this.list.hidden = false;
    this.input.setAttribute("aria-expanded", "true");
  }

  close() {
    this.list.hidden = true;
    this.active = -1;
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
    for (const option of this.list.children) option.setAttribute("aria-selected", "false");
  }

  mark(index) {
    const options = [...this.list.children];
    if (!options.length) return;
    this.active = (index + options.length) % options.length;
    options.forEach((option, number) => option.setAttribute("aria-selected", String(number === this.active)));
    this.input.setAttribute("aria-activedescendant", options[this.active].id);
    options[this.active].scrollIntoView({ block: "nearest" });
  }

  key(event) {
    if (event.isComposing) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      if (this.list.hidden) this.open();
      this.mark(this.active < 0 && step < 0 ? -1 : this.active + step);
    } else if (event.key === "Enter" && !event.ctrlKey && !event.metaKey) {
      // Enter chooses a result, or searches at once. It never sends the form that contains the field.
      event.preventDefault();
      event.stopPropagation();
      if (!this.list.hidden && this.results.length) this.take(Math.max(this.active, 0));
      else if (this.input.value.trim().length >= SHORTEST) {
        window.clearTimeout(this.waiting);
        this.ask();
      }
    } else if (event.key === "Escape" && !this.list.hidden) {
      event.preventDefault();
      event.stopPropagation();
      this.close();
    }
  }

  take(index) {
    const result = this.results[index];
    this.close();
    if (result.kept) {
      this.state.classList.remove("visually-hidden");
      this.say(result.note);
      return;
    }
    this.input.value = result.label;
    if (!result.perhaps && !result.bounds) this.keep("");
    this.state.classList.remove("visually-hidden");
    const [before, after] = this.root.dataset.chosen.split("PLACE");
    const place = Object.assign(document.createElement("bdi"), { textContent: result.label });
    this.state.replaceChildren(...(this.quiet ? [] : [before, place, `${after} `]), result.note);
    this.choose(result);
  }
}

/** Make a search box work. */
export function placeSearch(root, options) {
  return new PlaceSearch(root, options);
}

/** Move a map to a result: the whole of a territory, the street of an address. padding: what covers the map's edges. */
export function showResult(map, result, zoom, padding = 40) {
  if (result.bounds) {
    const [west, south, east, north] = result.bounds;
    map.fitBounds([[west, south], [east, north]], { padding, animate: false });
    return;
  }
  map.jumpTo({ center: [result.longitude, result.latitude], zoom: Math.max(map.getZoom(), zoom) });
  const { top = 0, bottom = 0, left = 0, right = 0 } = padding;
  map.panBy([(right - left) / 2, (bottom - top) / 2], { animate: false });
}

/** West, south, east, north of what a map shows. */
export function boundsOf(map) {
  const shown = map.getBounds();
  return [shown.getWest(), shown.getSouth(), shown.getEast(), shown.getNorth()];
}
