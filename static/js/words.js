// Completes the words that are being typed. The field works without; no text lives here.
"use strict";

(() => {
  const WAIT = 200; // milliseconds without a key before the server is asked
  const list = document.querySelector("[data-complete]");
  const field = list && document.getElementById("f-q");
  if (!field) return;
  const said = list.parentElement.querySelector("[data-said]");
  let timer, asking, at = -1;

  const options = () => [...list.children];
  const open = () => !list.hidden;

  function close() {
    window.clearTimeout(timer);
    if (asking) asking.abort();
    list.hidden = true;
    list.replaceChildren();
    at = -1;
    field.setAttribute("aria-expanded", "false");
    field.removeAttribute("aria-activedescendant");
    said.textContent = "";
  }

  function point(to) {
    const all = options();
    at = (to + all.length) % all.length;
    all.forEach((option, n) => option.setAttribute("aria-selected", String(n === at)));
    field.setAttribute("aria-activedescendant", all[at].id);
    all[at].scrollIntoView({ block: "nearest" });
  }

  function take(option) {
    field.value = option.dataset.text;
    close();
    field.focus();
  }

  function span(text, name, lang) {
    const made = document.createElement("span");
    made.className = name;
    made.textContent = text;
    if (lang) made.lang = lang;
    return made;
  }

  function show(found) {
    if (!found.length) return close();
    list.replaceChildren(...found.map((one, n) => {
      const option = document.createElement("li");
      option.id = `l-q-${n}`;
      option.className = "typing__option";
      option.setAttribute("role", "option");
      option.setAttribute("aria-selected", "false");
      option.dataset.text = one.text;
      option.append(span(one.text, "typing__text", one.lang), span(list.dataset.count.replace("#", one.count), "soft", ""));
      return option;
    }));
    at = -1;
    list.hidden = false;
    field.setAttribute("aria-expanded", "true");
    field.removeAttribute("aria-activedescendant");
    said.textContent = said.dataset.said.replace("#", found.length);
  }

  async function ask() {
    const typed = field.value.trim();
    if (asking) asking.abort();
    if (!typed) return close();
    asking = new AbortController();
    try {
      const answer = await fetch(`${list.dataset.complete}?q=${encodeURIComponent(typed)}`, { signal: asking.signal });
      if (answer.ok && document.activeElement === field) show(await answer.json());
    } catch (error) {
      if (error.name !== "AbortError") close();
    }
  }

  field.setAttribute("role", "combobox");
  field.setAttribute("aria-autocomplete", "list");
  field.setAttribute("aria-expanded", "false");
  field.setAttribute("aria-controls", list.id);
  field.autocomplete = "off";

  field.addEventListener("input", (event) => {
    // While Chinese is being composed the field holds half a word.
    if (event.isComposing) return;
    window.clearTimeout(timer);
    timer = window.setTimeout(ask, WAIT);
  });
  field.addEventListener("compositionend", ask);
  field.addEventListener("keydown", (event) => {
    if (!open() || event.isComposing) return;
    if (event.key === "ArrowDown") point(at + 1);
    else if (event.key === "ArrowUp") point(at < 0 ? -1 : at - 1);
    else if (event.key === "Enter" && at >= 0) take(options()[at]);
    else if (event.key === "Escape") close();
    else return;
    event.preventDefault();
  });
  field.addEventListener("blur", close);
  // The field keeps the focus while a finger or the mouse is on the list.
  list.addEventListener("pointerdown", (event) => event.preventDefault());
  list.addEventListener("mousedown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) take(option);
  });
})();
