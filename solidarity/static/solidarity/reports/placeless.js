// How many encounters of this account wait on this phone for their place. Hook: [data-placeless].

import { account, onChange } from "../phone_queue/queue.js";

const box = document.querySelector("[data-placeless]");

onChange((waiting) => {
  const number = waiting.filter((item) => item.problem?.code === "place" && item.account === account()).length;
  box.hidden = number === 0;
  box.querySelector("[data-placeless-words]").textContent =
    number === 1 ? box.dataset.one : box.dataset.many.replace("NUMBER", String(number));
});
