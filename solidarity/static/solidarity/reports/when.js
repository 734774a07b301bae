// "Earlier" asks for a date and a time; for old reports the form says that they no longer change the map.

const LONG_AGO = 60 * 24 * 3600e3;

for (const box of document.querySelectorAll("[data-when]")) {
  const at = box.querySelector("[data-when-at]");
  const input = at.querySelector("input");
  const hint = box.querySelector("[data-when-hint]");
  const show = () => {
    const earlier = box.querySelector("input[name=when]:checked")?.value === "earlier";
    at.hidden = !earlier;
    const old = earlier && input.value && Date.now() - new Date(input.value).getTime() > LONG_AGO;
    hint.hidden = !old;
    hint.textContent = old ? box.dataset.longAgo : "";
  };
  box.addEventListener("change", show);
  input.addEventListener("input", show);
  show();
}
