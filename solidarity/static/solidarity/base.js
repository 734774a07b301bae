// Behaviour shared by all pages. Everything works without it.
// Hooks: data-theme-choice, data-theme-toggle, data-stepper, data-copy, data-print, data-sheet, data-autofocus-errors,
// data-submit-on-change, details.menu, time[data-relative], [data-when-offline].

const KEY = "solidarity.theme";
const root = document.documentElement;
const systemDark = window.matchMedia("(prefers-color-scheme: dark)");

/** The stored theme: "light", "dark", or "system" if none is stored. */
function storedTheme() {
  try {
    const stored = window.localStorage.getItem(KEY);
    return stored === "light" || stored === "dark" ? stored : "system";
  } catch {
    return "system";
  }
}

/** Apply "light", "dark" or "system" and dispatch "solidarity:theme" (detail.theme is light or dark). */
function showTheme(choice) {
  const theme = choice === "system" ? (systemDark.matches ? "dark" : "light") : choice;
  root.setAttribute("data-bs-theme", theme);
  for (const button of document.querySelectorAll("[data-theme-choice]")) {
    button.setAttribute("aria-pressed", String(button.dataset.themeChoice === choice));
  }
  document.dispatchEvent(new CustomEvent("solidarity:theme", { detail: { theme } }));
}

/** Store a choice on this device and apply it. */
function chooseTheme(choice) {
  try {
    if (choice === "system") window.localStorage.removeItem(KEY);
    else window.localStorage.setItem(KEY, choice);
  } catch {
    // Storage is blocked: the choice lasts as long as the page.
  }
  showTheme(choice);
}

/** A stepper: its buttons respect min, max and step of the number field. */
function moveStepper(button) {
  const input = button.closest("[data-stepper]")?.querySelector("input");
  if (!input || input.disabled || input.readOnly) return;
  const step = Number(input.step) || 1;
  const least = input.min === "" ? -Infinity : Number(input.min);
  const most = input.max === "" ? Infinity : Number(input.max);
  const current = input.value === "" ? Math.max(0, least === -Infinity ? 0 : least) : Number(input.value);
  const direction = Number(button.dataset.step);
  const next = input.value === "" && direction < 0 ? current : current + direction * step;
  const value = String(Math.min(most, Math.max(least, next)));
  if (value === input.value) return;
  input.value = value;
  input.dispatchEvent(new Event("input", { bubbles: true }));
  input.dispatchEvent(new Event("change", { bubbles: true }));
}

/** Disable a button that has reached its limit. */
function markStepper(stepper) {
  const input = stepper.querySelector("input");
  if (!input) return;
  for (const button of stepper.querySelectorAll("[data-step]")) {
    const down = Number(button.dataset.step) < 0;
    const limit = down ? input.min : input.max;
    const [value, isSet] = [Number(input.value), limit !== "" && input.value !== ""];
    button.disabled = isSet && (down ? value <= Number(limit) : value >= Number(limit));
  }
}

/** Bottom sheet: the grip switches between peek, half and full. Only phone layouts use it. */
function moveSheet(grip) {
  const sheet = grip.closest("[data-sheet]");
  if (!sheet) return;
  const order = ["peek", "half", "full"];
  const next = order[(order.indexOf(sheet.dataset.sheet) + 1) % order.length];
  sheet.dataset.sheet = next;
  grip.setAttribute("aria-expanded", String(next !== "peek"));
}

/** Copy the text of the element named by data-copy; the button confirms it for a moment. */
async function copyFrom(button) {
  const source = document.querySelector(button.dataset.copy);
  if (!source) return;
  const text = "value" in source ? source.value : source.textContent.trim();
  const label = button.querySelector("[data-copy-label]") ?? button;
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    if ("select" in source) source.select();
    else window.getSelection()?.selectAllChildren(source);
    return;
  }
  const before = label.textContent;
  label.textContent = button.dataset.copied ?? before;
  window.setTimeout(() => { label.textContent = before; }, 2500);
}

document.addEventListener("click", (event) => {
  const target = event.target instanceof Element ? event.target : null;
  if (!target) return;
  const choice = target.closest("[data-theme-choice]");
  if (choice) chooseTheme(choice.dataset.themeChoice);
  const isDark = root.getAttribute("data-bs-theme") === "dark";
  if (target.closest("[data-theme-toggle]")) chooseTheme(isDark ? "light" : "dark");
  const step = target.closest("[data-step]");
  if (step) moveStepper(step);
  const grip = target.closest("[data-sheet-grip]");
  if (grip) moveSheet(grip);
  const copy = target.closest("[data-copy]");
  if (copy) copyFrom(copy);
  if (target.closest("[data-print]")) window.print();
  const time = target.closest("time[data-relative]");
  if (time) [time.textContent, time.title] = [time.title, time.textContent];
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(target)) menu.open = false;
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = document.querySelector("details.menu[open]");
  if (menu) {
    menu.open = false;
    menu.querySelector("summary")?.focus();
  }
});

document.addEventListener("input", (event) => {
  const stepper = event.target instanceof Element ? event.target.closest("[data-stepper]") : null;
  if (stepper) markStepper(stepper);
});

document.addEventListener("change", (event) => {
  const field = event.target instanceof Element ? event.target.closest("[data-submit-on-change]") : null;
  if (field) field.form?.requestSubmit();
});

systemDark.addEventListener("change", () => showTheme(storedTheme()));
window.addEventListener("storage", (event) => {
  if (event.key === KEY) showTheme(storedTheme());
});

/** Show or hide the “no network” line, which every page has. */
function showNetwork() {
  for (const band of document.querySelectorAll("[data-when-offline]")) band.hidden = navigator.onLine;
}

window.addEventListener("online", showNetwork);
window.addEventListener("offline", showNetwork);

showTheme(storedTheme());
showNetwork();

/** Page bars are placed above the bottom bar, which grows when a label takes two lines. */
const bottomBar = document.querySelector(".bottom-bar");
if (bottomBar) {
  const measure = () => root.style.setProperty("--bottom-bar", `${bottomBar.getBoundingClientRect().height}px`);
  new ResizeObserver(measure).observe(bottomBar);
}
for (const stepper of document.querySelectorAll("[data-stepper]")) markStepper(stepper);
for (const tab of document.querySelectorAll(".nav-tabs [aria-current='page']")) {
  const strip = tab.closest(".nav-tabs");
  const [own, all] = [tab.getBoundingClientRect(), strip.getBoundingClientRect()];
  strip.scrollLeft += own.left - all.left - (strip.clientWidth - tab.clientWidth) / 2;
}
document.querySelector("[data-autofocus-errors]")?.focus();
