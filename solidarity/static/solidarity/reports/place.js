// The place question: the device's position, or a tap on a map that is loaded only on demand.

const ROUND = 6; // decimals of a degree: about 10 cm

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
    this.say(box.dataset.none);
    box.querySelector("[data-place-locate]")?.addEventListener("click", () => this.locate());
    this.opener.addEventListener("click", () => this.open());
    box.querySelector("[data-place-middle]").addEventListener("click", () => this.takeMiddle());
    box.addEventListener("place:show", () => this.show());
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
    this.pin?.remove();
    if (!point) return;
    let name = "";
    if (this.map) {
      this.pin = this.drawPin(this.map, point.lng, point.lat);
      name = this.nameAt(this.map, point.lng, point.lat);
    }
    this.say(text || (name ? this.box.dataset.inside.replace("NAME", name) : this.box.dataset.tapped));
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
      const { openMap, pin, territoryAt } = await import("../map/points-map.js");
      this.drawPin = pin;
      this.nameAt = territoryAt;
      const target = this.box.querySelector("[data-place-map]");
      this.map = await openMap(target, { borders: this.box.dataset.borders, label: this.box.dataset.label });
      target.dataset.ready = "1";
      const point = this.point;
      if (point) this.map.jumpTo({ center: [point.lng, point.lat], zoom: this.map.streetZoom });
      this.map.on("click", ({ lngLat }) => this.set(lngLat.lat, lngLat.lng));
      this.show();
    } catch {
      this.frame.hidden = true;
      this.opening = false; // a map that failed to load may load later
      this.opener.hidden = false;
      this.opener.setAttribute("aria-expanded", "false");
      // The position may have arrived in the meantime.
      if (!this.point) this.say(this.lost && this.words ? this.box.dataset.inWords : this.box.dataset.mapFailed);
    }
  }

  takeMiddle() {
    const middle = this.map?.getCenter();
    if (middle) this.set(middle.lat, middle.lng);
  }
}

for (const box of document.querySelectorAll("[data-place]")) new Place(box);
