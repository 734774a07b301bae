// Drag a stop to another position. The buttons “Up” and “Down” do the same for people who do not drag.
// Hooks: [data-stops] with [data-stop=ID] and [data-stop-grip]; form[data-stops-order].

const list = document.querySelector("[data-stops]");
const form = document.querySelector("form[data-stops-order]");
const ids = () => [...list.querySelectorAll("[data-stop]")].map(({ dataset }) => dataset.stop);

/** Move the row to where the pointer is. */
function place(row, y) {
  const others = [...list.querySelectorAll("[data-stop]")].filter((each) => each !== row);
  const next = others.find((each) => {
    const { top, height } = each.getBoundingClientRect();
    return y < top + height / 2;
  });
  if (next) list.insertBefore(row, next);
  else list.append(row);
}

function send() {
  for (const id of ids()) {
    form.append(Object.assign(document.createElement("input"), { type: "hidden", name: "order", value: id }));
  }
  form.submit();
}

function drag(event) {
  const grip = event.target.closest("[data-stop-grip]");
  if (!grip || event.button > 0) return;
  event.preventDefault();
  const row = grip.closest("[data-stop]");
  const before = ids().join();
  row.dataset.dragged = "";
  const follow = ({ clientY }) => place(row, clientY);
  const end = () => {
    document.removeEventListener("pointermove", follow);
    delete row.dataset.dragged;
    if (ids().join() !== before) send();
  };
  document.addEventListener("pointermove", follow);
  document.addEventListener("pointerup", end, { once: true });
}

list?.addEventListener("pointerdown", drag);
