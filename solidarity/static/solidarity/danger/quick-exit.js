// Leave a page quickly: show the home page in its place, so that the back button does not return to this page.

function leave(event) {
  event.preventDefault();
  document.documentElement.hidden = true; // at once, even on a slow network
  window.history.replaceState(null, "", "/");
  window.location.replace("/");
}

for (const link of document.querySelectorAll("[data-quick-exit]")) link.addEventListener("click", leave);
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") leave(event);
});
