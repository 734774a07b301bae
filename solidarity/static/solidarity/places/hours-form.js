// The form of opening hours: shows the fields for the chosen way of entering hours, and copies Monday to the working
// days.

const form = document.querySelector("[data-hours]");

function show() {
  const way = form.querySelector("[name=hours-way]:checked")?.value;
  for (const part of form.querySelectorAll("[data-hours-way]")) {
    part.hidden = !part.dataset.hoursWay.split(" ").includes(way);
  }
  form.querySelector("[data-hours-season]").hidden = !form.querySelector("[name=hours-season]").checked;
  const other = form.querySelector("[name=hours-holidays]:checked")?.value === "other";
  form.querySelector("[data-hours-holidays]").hidden = !other;
}

function copy() {
  for (const part of ["a_from", "a_until", "b_from", "b_until"]) {
    const monday = form.querySelector(`[name=hours-d0${part}]`);
    for (let day = 1; day < 5; day += 1) form.querySelector(`[name=hours-d${day}${part}]`).value = monday.value;
  }
  form.dispatchEvent(new Event("input", { bubbles: true }));
}

if (form) {
  form.addEventListener("change", show);
  form.querySelector("[data-hours-copy]").addEventListener("click", copy);
  show();
}
