// News of one need on this phone, without an account. The browser has one subscription for the whole site: switching
// the news off only deletes the subscription of this need on the server. States: off, on, denied (nothing is shown),
// failed.

import { fieldsOf, isSupported, post, stored, subscribe, usable } from "../notifications/web-push.js";

const box = document.querySelector("[data-follow-push]");
const turnOn = box.querySelector("[data-push-turn-on]");
const turnOff = box.querySelector("[data-push-turn-off]");

function show(state) {
  for (const text of box.querySelectorAll("[data-push-state]")) text.hidden = text.dataset.pushState !== state;
  turnOn.hidden = !["off", "failed"].includes(state);
  turnOff.hidden = state !== "on";
  box.hidden = state === "denied";
  box.dataset.state = state;
}

async function hashOf(text) {
  const bytes = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The state is "on" only if the browser was chosen for this need, because it may be subscribed for something else. */
async function look() {
  if (Notification.permission === "denied") {
    show("denied");
    return;
  }
  const subscription = await usable(box.dataset.key).catch(() => null);
  const known = subscription && box.dataset.browsers.split(" ").includes(await hashOf(subscription.endpoint));
  show(known ? "on" : "off");
}

turnOn.addEventListener("click", async () => {
  const permission = await Notification.requestPermission();
  if (permission !== "granted") {
    show(permission === "denied" ? "denied" : "off");
    return;
  }
  try {
    await post(box.dataset.followPush, fieldsOf(await subscribe(box.dataset.key, box.dataset.worker)));
    show("on");
  } catch {
    show("failed");
  }
});

turnOff.addEventListener("click", async () => {
  try {
    const subscription = await stored();
    if (subscription) await post(box.dataset.stop, { endpoint: subscription.endpoint });
    show("off");
  } catch {
    show("failed");
  }
});

if (isSupported()) look();
