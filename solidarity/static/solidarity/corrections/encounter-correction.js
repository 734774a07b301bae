// The form that corrects an encounter: questions about people met are hidden when nobody was met.

import "../reports/place.js";
import "../reports/when.js";

const form = document.querySelector("form[data-correction]");

function show() {
  const persons = Number(form.elements.namedItem("persons").value || 0);
  for (const box of form.querySelectorAll("[data-when-met]")) box.hidden = persons === 0;
}

form.addEventListener("input", show);
form.addEventListener("change", show);
show();
