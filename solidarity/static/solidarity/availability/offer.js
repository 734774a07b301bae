// Weekly times: the button "Another time" adds a copy of the form's empty row.

for (const box of document.querySelectorAll("[data-times]")) {
  const total = box.querySelector(`[name=${box.dataset.prefix}-TOTAL_FORMS]`);
  const most = Number(box.querySelector(`[name=${box.dataset.prefix}-MAX_NUM_FORMS]`).value);
  const button = box.querySelector("[data-times-add]");
  button.addEventListener("click", () => {
    const number = Number(total.value);
    const copy = box.querySelector("[data-times-empty]").content.firstElementChild.cloneNode(true);
    for (const part of copy.querySelectorAll("[name], [id], [for]")) {
      for (const name of ["name", "id", "for"]) {
        const value = part.getAttribute(name);
        if (value) part.setAttribute(name, value.replace("__prefix__", number));
      }
    }
    box.querySelector("[data-times-list]").append(copy);
    total.value = number + 1;
    button.disabled = number + 1 >= most;
    copy.querySelector("select").focus();
  });
}
