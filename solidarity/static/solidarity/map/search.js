// The search for a territory: a combobox of the territories that the reader may open, fetched once when first needed.

const MOST = 12;
const plain = (text) => text.normalize("NFD").replace(/\p{Diacritic}/gu, "").toLowerCase();

export function searchTerritories(root, address) {
  const input = root.querySelector("[role=combobox]");
  const list = root.querySelector("[role=listbox]");
  const status = root.querySelector("[data-search-status]");
  let territories = null;
  let active = -1;

  async function all() {
    territories ??= fetch(address, { credentials: "same-origin" })
      .then((response) => (response.ok ? response.json() : Promise.reject(new Error(`status ${response.status}`))))
      .then((found) => found.territories)
      .catch(() => {
        territories = null;
        return [];
      });
    return territories;
  }

  function close() {
    list.hidden = true;
    active = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  }

  function mark(index) {
    const options = [...list.children];
    if (!options.length) return;
    active = (index + options.length) % options.length;
    options.forEach((option, number) => option.setAttribute("aria-selected", String(number === active)));
    input.setAttribute("aria-activedescendant", options[active].id);
    options[active].scrollIntoView({ block: "nearest" });
  }

  async function show() {
    const wanted = plain(input.value.trim());
    const known = await all();
    const found = known.filter((one) => plain(`${one.name} ${one.within}`).includes(wanted));
    found.sort((one, other) => plain(other.name).startsWith(wanted) - plain(one.name).startsWith(wanted));
    list.replaceChildren(
      ...found.slice(0, MOST).map((one, number) => {
        const option = document.createElement("li");
        option.id = `territory-option-${number}`;
        option.setAttribute("role", "option");
        option.setAttribute("aria-selected", "false");
        option.dataset.href = one.href;
        option.textContent = one.name;
        if (one.within) {
          const within = document.createElement("small");
          within.textContent = one.within;
          option.append(" ", within);
        }
        return option;
      }),
    );
    active = -1;
    input.removeAttribute("aria-activedescendant");
    list.hidden = found.length === 0;
    input.setAttribute("aria-expanded", String(found.length > 0));
    status.textContent = found.length === 0 ? status.dataset.none : String(found.length);
  }

  function go(option) {
    if (option) window.location.assign(option.dataset.href);
  }

  input.addEventListener("input", show);
  input.addEventListener("focus", () => { if (input.value) show(); else all(); });
  input.addEventListener("click", show);
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      const step = event.key === "ArrowDown" ? 1 : -1;
      if (list.hidden) show().then(() => mark(step > 0 ? 0 : -1));
      else mark(active < 0 && step < 0 ? -1 : active + step);
    } else if (event.key === "Enter" && !list.hidden) {
      event.preventDefault();
      go(list.children[Math.max(active, 0)]);
    } else if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      close();
    }
  });
  list.addEventListener("mousedown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => go(event.target.closest("[role=option]")));
  input.addEventListener("blur", close);
}
