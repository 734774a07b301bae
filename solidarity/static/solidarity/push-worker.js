// The service worker for notifications. It receives a title, a text and a path of ours, never a place or a name.

self.addEventListener("push", (event) => {
  let message = {};
  try {
    message = event.data?.json() ?? {};
  } catch {
    // Not ours: an empty notification links to the list of notifications.
  }
  const { title = "Solidarity", body = "", path = "/me/notifications/" } = message;
  const options = { body, data: { path }, icon: "/static/solidarity/favicon.svg" };
  event.waitUntil(self.registration.showNotification(title, options));
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const address = new URL(event.notification.data?.path ?? "/", self.location.origin);
  if (address.origin !== self.location.origin) return;
  event.waitUntil(open(address.href));
});

/** Show the page in an open window, or else in a new one. */
async function open(address) {
  const windows = await self.clients.matchAll({ type: "window" });
  const same = windows.find((window) => window.url === address);
  if (same) await same.focus();
  else await self.clients.openWindow(address);
}
