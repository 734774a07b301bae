// Where a need is: a tap on the map or a chosen district also answers the question above it.

import "../reports/place.js";

for (const box of document.querySelectorAll("[data-where]")) {
  const answers = [...box.querySelectorAll("input[name=where]")];
  const map = box.querySelector("[data-where-map]");
  const district = box.querySelector("[data-where-district]");

  const show = () => {
    const answer = answers.find((each) => each.checked)?.value ?? "map";
    map.hidden = answer !== "map";
    district.hidden = answer !== "district";
  };
  const answer = (value) => {
    for (const each of answers) each.checked = each.value === value;
    show();
  };
  map.addEventListener("input", () => answer("map"));
  district.addEventListener("change", () => answer("district"));
  for (const each of answers) each.addEventListener("change", show);
  show();
}
