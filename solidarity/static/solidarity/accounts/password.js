// The box "Show the password" shows what is typed into the password fields of its form.

for (const box of document.querySelectorAll("[data-show-password]")) {
  const fields = box.form.querySelectorAll("input[type=password]");
  box.checked = false; // a browser that goes back may restore the tick, but not the shown text
  box.addEventListener("change", () => {
    for (const field of fields) field.type = box.checked ? "text" : "password";
  });
  // A password manager recognises only a hidden field, and a shown one could stay in the browser's form history.
  box.form.addEventListener("submit", () => {
    for (const field of fields) field.type = "password";
  });
}
