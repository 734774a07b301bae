// A browser's Web Push subscription. There is only one for the whole site, whatever notifications it is used for.

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

export function isSupported() {
  return "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;
}

/** The browser's subscription, whatever its key; undefined or null without one. */
export async function stored() {
  const registration = await navigator.serviceWorker.getRegistration(REGISTRATION.scope);
  return registration?.pushManager.getSubscription();
}

/** The subscription that works with the server's key and that the person still allows, or null. */
export async function usable(key) {
  const subscription = await stored();
  return subscription && Notification.permission === "granted" && sameKey(subscription, bytesOf(key)) ? subscription : null;
}

/** Subscribe with the server's key. A subscription with this key is used again. */
export async function subscribe(key, worker) {
  const bytes = bytesOf(key);
  await navigator.serviceWorker.register(worker, REGISTRATION);
  const { pushManager } = await navigator.serviceWorker.ready;
  const old = await pushManager.getSubscription();
  if (old && !sameKey(old, bytes)) await old.unsubscribe();
  return pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: bytes });
}

/** POST form fields with the page's CSRF token. Throws if the server refuses. */
export async function post(address, fields) {
  const body = new FormData();
  for (const [name, value] of Object.entries(fields)) body.set(name, value);
  body.set("csrfmiddlewaretoken", document.querySelector("[name=csrfmiddlewaretoken]").value);
  const answer = await fetch(address, { method: "POST", body, credentials: "same-origin" });
  if (!answer.ok) throw new Error("refused");
}

/** The fields that the server stores. */
export function fieldsOf(subscription) {
  const { endpoint, keys } = subscription.toJSON();
  return { endpoint, p256dh: keys.p256dh, auth: keys.auth };
}
