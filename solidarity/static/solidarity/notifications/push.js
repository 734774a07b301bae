// Switch push notifications of this browser on or off. States: unsupported, denied, asking, off, on, failed.

const REGISTRATION = { scope: "/", updateViaCache: "none" }; // as on every page (phone_queue/app.js)

function bytesOf(text) {
  const padded = text.replace(/-/g, "+").replace(/_/g, "/").padEnd(Math.ceil(text.length / 4) * 4, "=");
  return Uint8Array.from(atob(padded), (letter) => letter.charCodeAt(0));
}

function sameKey(subscription, key) {
  const kept = subscription.options?.applicationServerKey;
  if (!kept) return true;
  const bytes = new Uint8Array(kept);
  return bytes.length === key.length && bytes.every((byte, place) => byte === key[place]);
}

class Push {
  constructor(box) {
    this.box = box;
    this.key = bytesOf(box.dataset.key);
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

  async post(address, fields) {
    const body = new FormData();
    for (const [name, value] of Object.entries(fields)) body.set(name, value);
    body.set("csrfmiddlewaretoken", document.querySelector("[name=csrfmiddlewaretoken]").value);
    const answer = await fetch(address, { method: "POST", body, credentials: "same-origin" });
    if (!answer.ok) throw new Error("refused");
  }

  /** Send the subscription to the server at each visit, in case the server has lost it. */
  async keep(subscription) {
    const { endpoint, keys } = subscription.toJSON();
    await this.post(this.box.dataset.onUrl, { endpoint, p256dh: keys.p256dh, auth: keys.auth });
    this.show("on");
  }

  async look() {
    if (!("serviceWorker" in navigator && "PushManager" in window && "Notification" in window)) {
      this.show("unsupported");
      return;
    }
    if (Notification.permission === "denied") {
      this.show("denied");
      return;
    }
    try {
      const registration = await navigator.serviceWorker.getRegistration(REGISTRATION.scope);
      const subscription = await registration?.pushManager.getSubscription();
      const granted = Notification.permission === "granted";
      if (subscription && granted && sameKey(subscription, this.key)) await this.keep(subscription);
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
      await navigator.serviceWorker.register(this.box.dataset.worker, REGISTRATION);
      const { pushManager } = await navigator.serviceWorker.ready;
      const old = await pushManager.getSubscription();
      if (old && !sameKey(old, this.key)) await old.unsubscribe();
      await this.keep(await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: this.key }));
    } catch {
      this.show("failed");
    }
  }

  async off() {
    try {
      const registration = await navigator.serviceWorker.getRegistration(REGISTRATION.scope);
      const subscription = await registration?.pushManager.getSubscription();
      if (subscription) {
        await this.post(this.box.dataset.offUrl, { endpoint: subscription.endpoint });
        await subscription.unsubscribe();
      }
      this.show("off");
    } catch {
      this.show("failed");
    }
  }
}

for (const box of document.querySelectorAll("[data-push]")) new Push(box);
