// What pages cannot do by themselves: the menu on a phone, questions before acts that cannot be undone, keys, and errors in the way of htmx.
"use strict";
document.documentElement.classList.add("scripted");

const tell = (text) => {
  const told = document.getElementById("told");
  told.textContent = text;
  clearTimeout(tell.timer);
  tell.timer = setTimeout(() => { told.textContent = ""; }, 6000);
};

// Selects a line of a text and brings it into sight.
const toLine = (text, number) => {
  const lines = text.value.split("\n");
  const start = lines.slice(0, number - 1).join("\n").length + (number > 1 ? 1 : 0);
  text.focus();
  text.setSelectionRange(start, start + (lines[number - 1] || "").length);
  text.scrollTop = (text.scrollHeight / lines.length) * Math.max(number - 4, 0);
};

document.addEventListener("click", (event) => {
  const button = event.target.closest(".menu-button");
  if (button) button.setAttribute("aria-expanded", button.getAttribute("aria-expanded") !== "true");
  const copy = event.target.closest("[data-copy]");
  if (copy) navigator.clipboard.writeText(copy.dataset.copy).then(() => tell(copy.dataset.copied));
  const goes = event.target.closest("[data-goes-to-line]");
  if (goes) toLine(document.getElementById(goes.dataset.in), Number(goes.dataset.goesToLine));
});

// A remark on words in a text field: data-words shows where they stand, data-put puts others in their place. Places count characters,
// as Python does, not units of UTF-16. Where the text has changed meanwhile, nothing happens: a new remark is on its way.
document.addEventListener("click", (event) => {
  const remark = event.target.closest("[data-field]");
  const field = remark && document.getElementById(remark.dataset.field);
  if (!field) return;
  const { from, to, words, put } = remark.dataset;
  const letters = Array.from(field.value);
  const start = letters.slice(0, from).join("").length;
  const end = start + letters.slice(from, to).join("").length;
  if (words !== undefined && field.value.slice(start, end) !== words) return;
  field.focus();
  field.setSelectionRange(start, end);
  // insertText, unlike setRangeText, can be undone by the usual key.
  if (put !== undefined && !document.execCommand(put ? "insertText" : "delete", false, put)) {
    field.setRangeText(put, start, end, "end");
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
});

document.addEventListener("submit", (event) => {
  const asks = event.submitter?.dataset.confirm || event.target.dataset.confirm;
  if (asks && !window.confirm(asks)) event.preventDefault();
});

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-submits]")) event.target.form.requestSubmit();
});

// Keys work on a list marked data-list: j and k move, Enter opens, x selects; / goes to the search; anything with data-key is pressed by its key.
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select, [contenteditable]")) return;
  const list = document.querySelector("[data-list]");
  if (list && (event.key === "j" || event.key === "k")) {
    const lines = [...list.querySelectorAll("[data-line]")];
    const at = lines.findIndex((line) => line.contains(document.activeElement));
    const next = lines[Math.min(Math.max(at + (event.key === "j" ? 1 : -1), 0), lines.length - 1)];
    next?.querySelector("a")?.focus();
    event.preventDefault();
  } else if (list && event.key === "x") {
    document.activeElement.closest("[data-line]")?.querySelector("input[type=checkbox]")?.click();
  } else if (event.key === "/") {
    const search = document.querySelector("input[type=search]");
    if (search) { search.focus(); event.preventDefault(); }
  } else if (/^[a-z?]$/.test(event.key)) {
    const pressed = document.querySelector(`[data-key="${event.key}"]`);
    if (pressed) { pressed.click(); pressed.focus(); event.preventDefault(); }
  }
});

document.addEventListener("htmx:responseError", () => tell(document.documentElement.lang === "de" ? "Das hat nicht geklappt. Es wurde nichts geändert." : "That did not work. Nothing was changed."));
document.addEventListener("htmx:sendError", () => tell(document.documentElement.lang === "de" ? "Der Server antwortet nicht. Es wurde nichts geändert." : "The server does not answer. Nothing was changed."));
