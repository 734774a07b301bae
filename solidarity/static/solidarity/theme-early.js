// Runs before the first paint: applies the stored theme or the system's. Kept small; everything else is in base.js.
(function () {
  "use strict";
  var root = document.documentElement;
  var kept = null;
  try {
    kept = window.localStorage.getItem("solidarity.theme");
  } catch (error) {
    kept = null; // storage is blocked: follow the system
  }
  var dark = kept === "dark" || (kept !== "light" && window.matchMedia("(prefers-color-scheme: dark)").matches);
  root.setAttribute("data-bs-theme", dark ? "dark" : "light");
  root.classList.add("js");
})();
