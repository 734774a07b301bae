// Runs before the first paint: the theme that was kept, or the system's. Small on purpose; everything else is base.js.
(function () {
  "use strict";
  var root = document.documentElement;
  var kept = null;
  try {
    kept = window.localStorage.getItem("solidarity.theme");
  } catch (error) {
    kept = null; // storage is refused: follow the system
  }
  var dark = kept === "dark" || (kept !== "light" && window.matchMedia("(prefers-color-scheme: dark)").matches);
  root.setAttribute("data-bs-theme", dark ? "dark" : "light");
  root.classList.add("js");
})();
