// The place question: the device's position, or a tap on a map that is loaded only on demand.

import { streetLine } from "./pin-street.js";

const ROUND = 6; // decimals of a degree: about 10 cm
const STREET_ZOOM = 15; // a tap on a coarser map zooms in and sets no pin
const still = window.matchMedia("(prefers-reduced-motion: reduce)");

/** The device's position as {lat, lng, metres}; rejects if it is not available. */
export function position() {
  return new Promise((found, refused) => {
    if (!navigator.geolocation) {
      refused(new Error("no geolocation"));
      return;
    }
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => found({ lat: coords.latitude, lng: coords.longitude, metres: Math.round(coords.accuracy) }),
      refused,
      { enableHighAccuracy: true, timeout: 12000, maximumAge: 15000 },
    );
  });
}

class Place {
  constructor(box) {
    this.box = box;
    this.latitude = box.querySelector("[name=latitude]");
    this.longitude = box.querySelector("[name=longitude]");
    this.state = box.querySelector("[data-place-state]");
    this.frame = box.querySelector("[data-place-frame]");
    this.opener = box.querySelector("[data-place-open]");
    this.words = box.querySelector("[name=place_text]");
    this.tools = box.querySelector("[data-pin-moves]");
    this.street = streetLine(box.querySelector("[data-pin-street]"));
    this.say(box.dataset.none);
    box.querySelector("[data-place-locate]")?.addEventListener("click", () => this.locate());
    this.opener.addEventListener("click", () => this.open());
    box.querySelector("[data-place-middle]").addEventListener("click", () => this.takeMiddle());
    this.addSearch(box.querySelector("[data-place-search]"));
    box.addEventListener("place:show", () => this.show());
    box.addEventListener("place:take", () => this.take());
    this.show();
    if (box.dataset.open) this.open();
  }

  say(text) {
    this.state.textContent = text;
  }

  get point() {
    const read = (field) => (field.value.trim() === "" ? NaN : Number(field.value.replace(",", ".")));
    const [lat, lng] = [read(this.latitude), read(this.longitude)];
    return Number.isFinite(lat) && Number.isFinite(lng) ? { lat, lng } : null;
  }

  set(lat, lng, text) {
    this.latitude.value = lat.toFixed(ROUND);
    this.longitude.value = lng.toFixed(ROUND);
    this.latitude.dispatchEvent(new Event("input", { bubbles: true }));
    this.show(text);
  }

  show(text = "") {
    const point = this.point;
    this.box.toggleAttribute("data-chosen", Boolean(point));
    this.tools.hidden = !point || !this.map;
    this.street(point);
    if (!point) {
      this.pin?.remove();
      this.pin = null;
      return;
    }
    let name = "";
    if (this.map) {
      if (this.pin) this.pin.setLngLat([point.lng, point.lat]);
      else {
        this.pin = this.drawPin(this.map, point.lng, point.lat);
        this.hold(this.pin);
      }
      name = this.nameAt(this.map, point.lng, point.lat);
    }
    this.say(text || (name ? this.box.dataset.inside.replace("NAME", name) : this.box.dataset.tapped));
  }

  /** On a tour: take the position without a tap, if the phone has allowed it. Nothing chosen is replaced. */
  async take() {
    if (this.point || !navigator.geolocation) return;
    const { state } = (await navigator.permissions?.query({ name: "geolocation" }).catch(() => null)) ?? {};
    if (state !== "granted") {
      this.say(state === "denied" ? this.box.dataset.refused : this.box.closest("form").dataset.mayAsk);
      return;
    }
    this.say(this.box.dataset.looking);
    const found = await position().catch(() => null);
    if (this.point) return; // chosen meanwhile
    if (!found) {
      this.say(this.box.dataset.refused);
      return;
    }
    const { lat, lng, metres } = found;
    this.latitude.value = lat.toFixed(ROUND);
    this.longitude.value = lng.toFixed(ROUND);
    this.show(this.box.dataset.found.replace("METRES", metres));
    this.map?.jumpTo({ center: [lng, lat], zoom: this.map.streetZoom });
    this.box.dispatchEvent(new Event("place:taken", { bubbles: true }));
  }

  async locate() {
    this.say(this.box.dataset.looking);
    try {
      const { lat, lng, metres } = await position();
      this.set(lat, lng, this.box.dataset.found.replace("METRES", metres));
      this.map?.jumpTo({ center: [lng, lat], zoom: this.map.streetZoom });
    } catch {
      this.lost = true;
      this.say(this.box.dataset.refused);
      await this.open();
    }
  }

  async open() {
    this.frame.hidden = false;
    this.opener.setAttribute("aria-expanded", "true");
    this.opener.hidden = true;
    if (this.opening) return;
    this.opening = true;
    try {
      const [{ openMap, pin, territoryAt }, { pinMoves }] = await Promise.all([import("../map/points-map.js"),
        import("./pin-moves.js")]);
      this.hold = pinMoves(this.tools, this);
      this.drawPin = pin;
      this.nameAt = territoryAt;
      const target = this.box.querySelector("[data-place-map]");
      this.map = await openMap(target, { borders: this.box.dataset.borders, label: this.box.dataset.label });
      target.dataset.ready = "1";
      const point = this.point;
      if (point) this.map.jumpTo({ center: [point.lng, point.lat], zoom: this.map.streetZoom });
      this.map.on("click", ({ lngLat }) => this.tap(lngLat));
      for (const [kind, isStill] of [["movestart", false], ["moveend", true]]) {
        this.map.on(kind, () => target.toggleAttribute("data-still", isStill));
      }
      this.show();
      if (!point && this.isFar) this.say(this.tools.dataset.far);
    } catch {
      this.frame.hidden = true;
      this.opening = false; // a map that failed to load may load later
      this.opener.hidden = false;
      this.opener.setAttribute("aria-expanded", "false");
      // The position may have arrived in the meantime.
      if (!this.point) this.say(this.lost && this.words ? this.box.dataset.inWords : this.box.dataset.mapFailed);
    }
  }

  get isFar() {
    return this.map.getZoom() < STREET_ZOOM - 0.01;
  }

  /** A tap sets the pin. If no streets are in view, a tap zooms in instead, because the pin would be too inexact. */
  tap({ lat, lng }) {
    if (this.isFar) {
      this.map.once("moveend", () => this.box.toggleAttribute("data-zoomed", true));
      this.map.easeTo({ center: [lng, lat], zoom: Math.max(this.map.streetZoom, STREET_ZOOM),
        duration: still.matches ? 0 : 500 });
      this.say(this.tools.dataset.zoomed);
    } else {
      this.box.removeAttribute("data-zoomed");
      this.set(lat, lng);
    }
  }

  moveTo(lat, lng, words) {
    this.set(lat, lng, words);
    const bounds = this.map.getBounds();
    if (!bounds.contains([lng, lat])) this.map.panTo([lng, lat], { animate: false });
  }

  /** The search: an address sets the pin, a territory only moves the map. Its code is loaded on the first use. */
  addSearch(root) {
    root?.addEventListener("focusin", async () => {
      try {
        const { boundsOf, placeSearch, showResult } = await import("../map/search.js");
        placeSearch(root, {
          bounds: () => (this.map ? boundsOf(this.map) : null),
          quiet: true, // the place question says what is chosen
          keep: (text) => this.keepWords(text),
          choose: async (result) => {
            if (!result.bounds) this.set(result.latitude, result.longitude);
            await this.open();
            if (this.map) showResult(this.map, result, this.map.streetZoom);
          },
        });
      } catch {
        root.querySelector("[data-place-search-state]").textContent = root.dataset.offline;
      }
    }, { once: true });
  }

  /** The words typed in the search become the place in words, until a place is chosen. Nothing typed there is
   * replaced. */
  keepWords(text) {
    if (!this.words || (this.words.value.trim() && this.words.value !== this.keptWords)) return;
    this.keptWords = text;
    this.words.value = text;
    this.words.dispatchEvent(new Event("input", { bubbles: true }));
  }

  takeMiddle() {
    const middle = this.map?.getCenter();
    if (middle) this.tap(middle);
  }
}

for (const box of document.querySelectorAll("[data-place]")) new Place(box);
