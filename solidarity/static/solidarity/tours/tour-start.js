// The start of a tour. If this person has a tour under way, perhaps one that only this phone knows, ask first.

import { toursHere } from "./tours-here.js";

const panel = document.querySelector("[data-running]");
const form = document.querySelector("form[data-tour-start]");
const list = panel.querySelector("[data-running-own]");
const template = panel.querySelector("[data-running-row]");
const read = (id) => JSON.parse(document.getElementById(id).textContent);
const clock = new Intl.DateTimeFormat(document.documentElement.lang === "fr" ? "fr" : "en-GB", {
  dateStyle: "short", timeStyle: "short", hourCycle: "h23",
});

function row({ id, name, began }) {
  const made = document.importNode(template.content.firstElementChild, true); // in a template, links have no address
  made.querySelector("[data-running-name]").textContent = name ?? clock.format(began);
  for (const link of made.querySelectorAll("a")) link.hash = `${id}${link.hash.slice(1)}`;
  return made;
}

function show(asks) {
  panel.hidden = !asks;
  form.hidden = asks;
}

panel.querySelector("[data-running-another]").addEventListener("click", (event) => {
  event.preventDefault();
  show(false);
  form.append(Object.assign(document.createElement("input"), { type: "hidden", name: "another", value: "1" }));
  form.querySelector("input:not([type=hidden])")?.focus();
});

const { tours } = await toursHere(read("tours-running"), read("tours-made"));
const own = tours.filter((tour) => tour.own);
list.replaceChildren(...own.map(row));
if (!form.querySelector("[name=another]")) show(own.length > 0);
panel.dataset.ready = "";
