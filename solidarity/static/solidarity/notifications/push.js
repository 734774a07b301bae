// Switch push notifications of this browser on or off. States: unsupported, denied, asking, off, on, failed.

import { fieldsOf, isSupported, post, stored, subscribe, usable } from "./web-push.js";

class Push {
  constructor(box) {
    this.box = box;
    this.turnOn = box.querySelector("[data-push-turn-on]");
    this.turnOff = box.querySelector("[data-push-turn-off]");
    this.turnOn.addEventListener("click", () => this.on());
    this.turnOff.addEventListener("click", () => this.off());
    this.look();
  }

  show(state) {
    for (const text of this.box.querySelectorAll("[data-push-state]")) text.hidden = text.dataset.pushState !== state;
    this.turnOn.hidden = !["off", "failed"].includes(state);
    this.turnOff.hidden = state !== "on";
    this.box.dataset.state = state;
  }

  /** Send the subscription to the server at each visit, in case the server has lost it. */
  async keep(subscription) {
    await post(this.box.dataset.onUrl, fieldsOf(subscription));
    this.show("on");
  }

  async look() {
    if (!isSupported()) {
      this.show("unsupported");
      return;
    }
    if (Notification.permission === "denied") {
      this.show("denied");
      return;
    }
    try {
      const subscription = await usable(this.box.dataset.key);
      if (subscription) await this.keep(subscription);
      else this.show("off");
    } catch {
      this.show("failed");
    }
  }

  async on() {
    this.show("asking");
    const permission = await Notification.requestPermission();
    if (permission !== "granted") {
      this.show(permission === "denied" ? "denied" : "off");
      return;
    }
    try {
      await this.keep(await subscribe(this.box.dataset.key, this.box.dataset.worker));
    } catch {
      this.show("failed");
    }
  }

  async off() {
    try {
      const subscription = await stored();
      if (subscription) {
        await post(this.box.dataset.offUrl, { endpoint: subscription.endpoint });
        await subscription.unsubscribe();
      }
      this.show("off");
    } catch {
      this.show("failed");
    }
  }
}

for (const box of document.querySelectorAll("[data-push]")) new Push(box);
