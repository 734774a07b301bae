// Tour mode: a banner with the numbers to call while a note with danger words waits on this phone.

import { showGroups } from "./danger-words.js";
import { BANNER } from "./saved-numbers.js";

const banner = document.querySelector("[data-danger-banner]");

function groups() {
  try {
    return JSON.parse(window.sessionStorage.getItem(BANNER)) ?? [];
  } catch {
    return [];
  }
}

if (banner) {
  showGroups(banner, groups());
  banner.querySelector("[data-danger-close]").addEventListener("click", () => {
    banner.hidden = true;
    try {
      window.sessionStorage.removeItem(BANNER);
    } catch {
      // Storage is blocked: the next page shows no banner anyway.
    }
  });
}
