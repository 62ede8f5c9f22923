"use strict";
const main = document.getElementById("cards");
const cards = [...main.children];
const by = (id) => document.getElementById(id);
const kept = "tensho-wrong:" + document.title;

function wanted(text) {
  const code = /^u\+?([0-9a-f]{4,6})$/i.exec(text.trim());
  return code ? new Set([parseInt(code[1], 16)]) : new Set([...text.replace(/\s/g, "")].map((c) => c.codePointAt(0)));
}

function choose() {
  const rungs = new Set([...document.querySelectorAll("[name=rung]:checked")].map((box) => box.value));
  const least = Number(by("least").value), misread = by("misread").checked, codes = wanted(by("find").value);
  by("least").nextElementSibling.value = least.toFixed(2);
  let shown = 0;
  for (const card of cards) {
    const data = card.dataset;
    card.hidden = !(rungs.has(data.r) && Number(data.s) >= least && (!misread || "m" in data) &&
      (!codes.size || codes.has(Number(data.u))));
    shown += !card.hidden;
  }
  by("shown").textContent = `${shown.toLocaleString("en")} of ${cards.length.toLocaleString("en")} shown`;
  by("none").hidden = shown > 0;
}

function order() {
  const sorted = by("order").value === "code" ? [...cards].sort((a, b) => a.dataset.u - b.dataset.u) : cards;
  main.append(...sorted);
}

function wrong() {
  return cards.filter((card) => card.querySelector("h3 input").checked).map((card) => card.dataset.c);
}

function mark() {
  const marked = wrong();
  by("copy").disabled = !marked.length;
  by("copy").textContent = marked.length ? `copy ${marked.length} for --without` : "copy the wrong ones";
  try { localStorage.setItem(kept, JSON.stringify(marked)); } catch { /* a page from a file may have no storage */ }
}

try {
  const marked = new Set(JSON.parse(localStorage.getItem(kept) ?? "[]"));
  for (const card of cards) card.querySelector("h3 input").checked = marked.has(card.dataset.c);
} catch { /* as above */ }
document.querySelector("nav").addEventListener("input", (event) => event.target.id === "order" ? order() : choose());
main.addEventListener("change", mark);
by("copy").addEventListener("click", () => navigator.clipboard.writeText(wrong().join("")));
choose();
mark();
