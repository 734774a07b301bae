// Choose the emergency numbers that match the words in a form. Works without network. See docs/danger-alarms.md.

const GROUPS = { fire: "fire", violence: "violence", suicide: "suicide", child_alone: "child_alone" };
const GATES = { minor: "child_alone", medical: "medical", cold: "any" };

/** Return the text that somebody wrote in a form. */
function textOf(form) {
  const written = form.querySelectorAll("textarea, input[type=text], input:not([type])");
  return Array.from(written, (field) => field.value).join("\n");
}

/** Return the groups of numbers for a form: [] without danger, ["any"] if the matcher cannot be loaded. */
export async function groupsOf(form) {
  const groups = new Set();
  const gate = new FormData(form).get("gate");
  if (gate in GATES) groups.add(GATES[gate]);
  if (form.querySelector("[data-unwell]:checked") && new FormData(form).get("urgency") === "now") groups.add("medical");
  try {
    const { flagsIn } = await import("./matcher.js");
    for (const flag of flagsIn(textOf(form))) groups.add(GROUPS[flag] ?? "medical");
  } catch {
    if (textOf(form).trim()) groups.add("any");
  }
  return [...groups];
}

/** Show the numbers of the given groups, and hide those of other groups, in an element that contains all. */
export function showGroups(box, groups) {
  for (const list of box.querySelectorAll("[data-danger-lines]")) {
    list.hidden = !groups.includes(list.dataset.dangerLines);
  }
  box.hidden = !groups.length;
}
