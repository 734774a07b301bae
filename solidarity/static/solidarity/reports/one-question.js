// The need form on a phone: one question in view, then a page with all answers. On wider screens all questions stay on
// one page. The form and its fields are the same on all screens. Without this script, all questions are on one page
// everywhere.
// Hooks: form[data-steps], .question inside it; data-required on a question: the error if it has no answer.

const phone = window.matchMedia("(max-width: 47.99rem)");

/** The visible words of an element, without those that are hidden from view. */
const wordsOf = (element) => element?.textContent.replace(/\s+/g, " ").trim() ?? "";

/** The controls of a question that hold its answer. */
const controls = (question) =>
  Array.from(question.querySelectorAll("input:not([type=hidden], [type=search]), textarea, select"));

const isChoice = (control) => control.type === "radio" || control.type === "checkbox";

function isAnswered(control) {
  if (isChoice(control)) return control.checked;
  return control.type === "file" ? control.files.length > 0 : control.value.trim() !== "";
}

/** Whether somebody entered something that the server did not fill in. */
function isTyped(control) {
  if (isChoice(control)) return control.checked !== control.defaultChecked;
  return control.type === "file" ? control.files.length > 0 : control.value !== control.defaultValue;
}

class Steps {
  constructor(form) {
    this.form = form;
    this.questions = Array.from(form.querySelectorAll(".question"));
    this.check = form.querySelector("[data-steps-check]");
    this.list = form.querySelector("[data-steps-answers]");
    this.row = form.querySelector("[data-steps-row]");
    this.next = form.querySelector("[data-steps-next]");
    this.toCheck = form.querySelector("[data-steps-to-check]");
    this.send = form.querySelector(".form-bar [type=submit]"); // not the button of the place search
    this.progress = document.querySelector("[data-steps-progress]");
    this.back = document.querySelector("[data-steps-back]");
    this.at = 0;
    form.addEventListener("submit", (event) => this.hold(event), { capture: true });
    for (const kind of ["input", "change", "draft:filled"]) {
      form.addEventListener(kind, () => this.answered());
    }
    form.addEventListener("draft:refused", () => this.active && this.goTo(this.firstWrong(), { replace: true }));
    form.addEventListener("reset", () => this.active && this.goTo(0));
    this.next.addEventListener("click", () => this.forward());
    this.toCheck.addEventListener("click", () => this.leave(this.end));
    this.back.addEventListener("click", (event) => this.backward(event));
    this.list.addEventListener("click", (event) => this.change(event));
    document.addEventListener("click", (event) => this.follow(event));
    window.addEventListener("popstate", ({ state }) => this.active && this.show(state?.question ?? 0, true));
    phone.addEventListener("change", () => this.arrange());
    this.arrange();
    form.dataset.stepsReady = "1";
  }

  get active() {
    return phone.matches;
  }

  get end() {
    return this.questions.length;
  }

  /** Switch between one question and all questions. The focus stays where the reader left it. */
  arrange() {
    document.documentElement.classList.toggle("one-question", this.active);
    if (!this.active) {
      for (const question of this.questions) question.hidden = false;
      this.check.hidden = this.next.hidden = this.toCheck.hidden = this.progress.hidden = true;
      this.answered();
      return;
    }
    const wrong = this.form.hasAttribute("data-draft-bound") ? this.firstWrong() : null;
    this.show(wrong ?? this.reachable(window.history.state?.question ?? 0), false);
  }

  /** The number of the first question with an error, or of the check page if the error belongs to no question. */
  firstWrong() {
    const wrong = this.questions.findIndex((each) => each.matches(".field--invalid") || each.querySelector(".field--invalid"));
    return wrong < 0 ? this.end : wrong;
  }

  /** The number of the first question that needs an answer and has none, or -1. */
  firstMissing() {
    return this.questions.findIndex((each) => each.dataset.required && !this.hasAnswer(each));
  }

  /** The question to return to. It never comes after the first question that still needs an answer. */
  reachable(number) {
    const missing = this.firstMissing();
    return missing < 0 ? number : Math.min(number, missing);
  }

  hasAnswer(question) {
    return controls(question).some(isAnswered);
  }

  show(number, moved) {
    this.at = Math.max(0, Math.min(number, this.end));
    for (const [index, question] of this.questions.entries()) question.hidden = index !== this.at;
    const last = this.at === this.end;
    this.check.hidden = !last;
    if (last) this.fillCheck();
    document.documentElement.dataset.question = this.at;
    this.progress.hidden = false;
    this.progress.textContent = last
      ? ""
      : this.progress.dataset.words.replace("NUMBER", this.at + 1).replace("TOTAL", this.end);
    this.answered();
    if (!moved) return;
    window.scrollTo({ top: 0, behavior: "instant" });
    const heading = last ? this.check : this.questions[this.at].querySelector("legend, label");
    heading.tabIndex = -1;
    heading.focus({ preventScroll: true });
  }

  /** Show a question and add it to the history, so that the back button leads to the previous question. */
  goTo(number, { replace = false, toCheck = false } = {}) {
    const state = { question: number, toCheck, depth: (window.history.state?.depth ?? 0) + (replace ? 0 : 1) };
    window.history[replace ? "replaceState" : "pushState"](state, "");
    this.show(number, true);
  }

  /** Show the buttons that fit the answers: Send only if there is something to send. */
  answered() {
    const typed = this.questions.some((each) => controls(each).some(isTyped));
    const bound = this.form.hasAttribute("data-draft-bound");
    const last = this.at === this.end;
    this.send.hidden = this.active ? !last : !(typed || bound);
    this.next.hidden = !this.active || last;
    const onlyOptionalLeft = this.firstMissing() < 0 && this.at < this.end - 1;
    this.toCheck.hidden = !this.active || last || !onlyOptionalLeft || Boolean(window.history.state?.toCheck);
    if (this.active && !last && this.hasAnswer(this.questions[this.at])) this.clear(this.questions[this.at]);
  }

  /** Continue: to the next question, or back to the check page after a change. */
  forward() {
    this.leave(window.history.state?.toCheck ? this.end : this.at + 1);
  }

  /** Leave the question, unless it needs an answer and has none. */
  leave(number) {
    const question = this.questions[this.at];
    if (question?.dataset.required && !this.hasAnswer(question)) {
      this.complain(question);
      return;
    }
    this.goTo(number);
  }

  complain(question) {
    this.clear(question);
    const field = question.matches(".field") ? question : question.querySelector(".field");
    field.classList.add("field--invalid");
    const list = document.createElement("ul");
    list.className = "errorlist said";
    list.dataset.stepsError = "";
    list.id = "steps-error";
    list.setAttribute("role", "alert");
    list.append(Object.assign(document.createElement("li"), { textContent: question.dataset.required }));
    (field.querySelector("legend") ?? field.firstElementChild).after(list);
    const control = question.querySelector("button:not([hidden]), input:not([type=hidden]), textarea");
    control?.setAttribute("aria-describedby", list.id);
    control?.focus({ preventScroll: true });
    window.scrollTo({ top: 0, behavior: "instant" });
  }

  clear(question) {
    const error = question.querySelector("[data-steps-error]");
    if (!error) return;
    error.remove();
    question.querySelector("[aria-describedby=steps-error]")?.removeAttribute("aria-describedby");
    for (const field of [question, ...question.querySelectorAll(".field--invalid")]) {
      field.classList.remove("field--invalid");
    }
  }

  /** The return key in a text field continues; only the check page sends. A missing answer is shown first. */
  hold(event) {
    if (!this.active) return;
    const missing = this.firstMissing();
    if (this.at === this.end && missing < 0) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (this.at < this.end) {
      this.forward();
      return;
    }
    this.goTo(missing, { toCheck: true });
    this.complain(this.questions[missing]);
  }

  backward(event) {
    if (!this.active || this.at === 0 || this.form.hidden) return;
    event.preventDefault();
    if (window.history.state?.depth) window.history.back();
    else this.goTo(this.at - 1, { replace: true });
  }

  /** A link of the error summary shows its question. */
  follow(event) {
    const link = event.target instanceof Element ? event.target.closest(".error-summary a[href^='#']") : null;
    const target = link && document.getElementById(link.hash.slice(1));
    const number = target ? this.questions.findIndex((each) => each.contains(target)) : -1;
    if (!this.active || number < 0) return;
    event.preventDefault();
    this.goTo(number, { toCheck: this.firstMissing() < 0 });
    if (target.matches("input, textarea")) target.focus();
  }

  change(event) {
    const button = event.target instanceof Element ? event.target.closest("[data-steps-change]") : null;
    if (button) this.goTo(Number(button.dataset.stepsChange), { toCheck: true });
  }

  /** The check page: each question with its answer and a way to change it. */
  fillCheck() {
    this.list.replaceChildren(
      ...this.questions.map((question, number) => {
        const row = this.row.content.cloneNode(true);
        const heading = question.querySelector("legend, label");
        const words = wordsOf(heading.querySelector(".said") ?? heading);
        row.querySelector("dt").append(...iconsOf(heading), said(words));
        row.querySelector("dd").append(...this.answerOf(question));
        row.querySelector("[data-steps-of]").textContent = words;
        row.querySelector("[data-steps-change]").dataset.stepsChange = number;
        return row;
      }),
    );
  }

  /** The answer to a question, as nodes: chosen options, the place, or what was typed. */
  answerOf(question) {
    const chosen = Array.from(question.querySelectorAll(".choice > input:checked"), (input) => input.nextElementSibling);
    if (chosen.length) {
      return chosen.map((face) => {
        const answer = document.createElement("span");
        answer.className = "check-answers__choice";
        answer.append(...iconsOf(face), said(wordsOf(face)));
        return answer;
      });
    }
    const lines = [];
    const place = question.matches("[data-place][data-chosen]") ? placeOf(question) : [];
    for (const control of controls(question)) {
      if (control.type === "file") lines.push(...Array.from(control.files, (file) => file.name));
      else if (!["latitude", "longitude"].includes(control.name) && !isChoice(control)) lines.push(control.value.trim());
    }
    const given = lines.filter(Boolean);
    if (!given.length && !place.length) return [said(this.list.dataset.none)];
    return [...place, ...given.map((line) => lineOf(line))];
  }
}

const said = (text) => Object.assign(document.createElement("span"), { className: "said", textContent: text });

const lineOf = (text, tag = "bdi", className = "") =>
  Object.assign(document.createElement(tag), { className: `check-answers__line ${className}`, textContent: text });

/**
 * A chosen place: its accuracy and its street, in the page's language, and a mark for people who see pictures instead
 * of words.
 */
function placeOf(question) {
  const words = Array.from(question.querySelectorAll("[data-place-state], [data-pin-street]"), wordsOf).filter(Boolean);
  const done = question.querySelector(".place__done > .icon")?.cloneNode(true);
  return [...(done ? [done] : []), ...words.map((line) => lineOf(line, "span", "said"))];
}

const iconsOf = (element) => Array.from(element.querySelectorAll(":scope > .icon"), (icon) => {
  const copy = icon.cloneNode(true);
  copy.classList.remove("icon--large");
  return copy;
});

for (const form of document.querySelectorAll("form[data-steps]")) new Steps(form);
