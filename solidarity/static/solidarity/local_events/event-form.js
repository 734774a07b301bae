// The form of an event: questions that do not concern the chosen kind, place or repetition are hidden. Without scripts,
// all are shown; the server ignores those that do not apply.

const form = document.querySelector("[data-event-form]");
const value = (name) => new FormData(form).get(name) ?? "";

function show(name, wanted) {
  for (const part of form.querySelectorAll(`[data-for-${name}]`)) part.hidden = !wanted;
}

function update() {
  show("round", value("kind") === "round");
  show("elsewhere", !value("place"));
  show("weeks", ["weekly", "two_weeks"].includes(value("repeat")));
  show("series", value("repeat") !== "once");
}

form.addEventListener("change", update);
update();
form.dataset.ready = "";
