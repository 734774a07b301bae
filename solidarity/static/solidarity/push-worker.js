// The service worker that shows messages. What it gets is a title, a text and a page of ours: never a place or a name.

self.addEventListener("push", (event) => {
  let message = {};
  try {
    message = event.data?.json() ?? {};
  } catch {
    // Not ours: a notification without words leads to the list of what we told.
  }
  const { title = "Solidarity", body = "", path = "/me/notifications/" } = message;
  event.waitUntil(self.registration.showNotification(title, { body, data: { path }, icon: "/static/solidarity/favicon.svg" }));
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const address = new URL(event.notification.data?.path ?? "/", self.location.origin);
  if (address.origin !== self.location.origin) return;
  event.waitUntil(open(address.href));
});

/** Show the page in a window that is open already, else in a new one. */
async function open(address) {
  const windows = await self.clients.matchAll({ type: "window" });
  const same = windows.find((window) => window.url === address);
  if (same) await same.focus();
  else await self.clients.openWindow(address);
}
