// The part of the service worker that shows push notifications: a title, a text, and the path of one of our pages.
// Title and text contain no place and no name. `SHELL` is defined above this text (worker.js).

self.addEventListener("push", (event) => {
  let message = {};
  try {
    message = event.data?.json() ?? {};
  } catch {
    // The message is not from our server: show a notification without text that opens the list of notifications.
  }
  const { title = "Solidarity", body = "", path = "/me/notifications/" } = message;
  const options = { body, data: { path }, icon: self.SHELL.icon };
  event.waitUntil(self.registration.showNotification(title, options));
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const address = new URL(event.notification.data?.path ?? "/", self.location.origin);
  if (address.origin !== self.location.origin) return;
  event.waitUntil(open(address.href));
});

/** Show the page in an open window, else in a new one. */
async function open(address) {
  const windows = await self.clients.matchAll({ type: "window" });
  const same = windows.find((window) => window.url === address);
  if (same) await same.focus();
  else await self.clients.openWindow(address);
}
