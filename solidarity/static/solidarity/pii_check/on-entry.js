// Loads the PII check, whose vocabulary is large, when somebody enters a field that is checked, or if one is filled in.

const CHECKED = "[data-pii-check]";
let loading = null;

/** Load the check, which looks at all fields with text. After a failure, the next entry tries again. */
function load() {
  loading ??= import("./pii-check.js").catch(() => { loading = null; });
}

document.addEventListener("focusin", ({ target }) => { if (target.matches(CHECKED)) load(); });
document.addEventListener("input", ({ target }) => { if (target.matches(CHECKED)) load(); });
if (document.activeElement?.matches(CHECKED)) load();
for (const field of document.querySelectorAll(CHECKED)) if (field.value) load();
