// Composing: operators and parts to click, and the boxes of the draft as they are typed.

import { blame } from "./forms.js";
import { drawing, element, tile } from "./glyphs.js";
import { fetched } from "./studio.js";

const SVG = "http://www.w3.org/2000/svg";
const PAUSE = 120; // milliseconds without typing after which the draft is drawn

// The field of each arrangement as rectangles x, y, width, height in a square of 18.
const FIELDS = {
  "⿰": [[0, 0, 8, 18], [10, 0, 8, 18]], "⿱": [[0, 0, 18, 8], [0, 10, 18, 8]],
  "⿲": [[0, 0, 5, 18], [6.5, 0, 5, 18], [13, 0, 5, 18]], "⿳": [[0, 0, 18, 5], [0, 6.5, 18, 5], [0, 13, 18, 5]],
  "⿴": [[0, 0, 18, 18], [5, 5, 8, 8]], "⿵": [[0, 0, 18, 18], [5, 6, 8, 12]], "⿶": [[0, 0, 18, 18], [5, 0, 8, 12]],
  "⿷": [[0, 0, 18, 18], [6, 5, 12, 8]], "⿸": [[0, 0, 18, 18], [6, 6, 12, 12]], "⿹": [[0, 0, 18, 18], [0, 6, 12, 12]],
  "⿺": [[0, 0, 18, 18], [6, 0, 12, 12]], "⿻": [[0, 0, 13, 13], [5, 5, 13, 13]],
};

function shape(tag, attributes) {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}

function diagram(operator) {
  const svg = shape("svg", { viewBox: "-1 -1 20 20", fill: "none", stroke: "currentColor", "stroke-width": 1.4 });
  svg.append(...FIELDS[operator].map(([x, y, width, height]) => shape("rect", { x, y, width, height })));
  return svg;
}

export function composing(panel) {
  const form = panel.querySelector("form");
  const field = form.elements.ids;
  const board = panel.querySelector("#plan");
  const says = panel.querySelector("#plan-says");
  const place = panel.querySelector(".sheet");
  let pause, latest = 0;

  function lay({ boxes, svg, em, exists, message }) {
    board.replaceChildren();
    if (svg) {
      const draft = drawing(svg);
      // The drawing is of the em; the boxes are of the whole square, which is a little larger.
      const [margin, side] = [50 * (1 - em), 100 * em];
      for (const [name, value] of Object.entries({ x: margin, y: margin, width: side, height: side, overflow: "visible" })) draft.setAttribute(name, value);
      board.append(draft);
    }
    for (const { box: [x0, y0, x1, y1] } of boxes ?? []) {
      board.append(shape("rect", { class: "box", rx: 1, x: 100 * x0, y: 100 * y0, width: 100 * (x1 - x0), height: 100 * (y1 - y0) }));
    }
    if (message) says.textContent = message;
    else says.textContent = exists.length ? `Real characters are built like this: ${exists.join(" ")}` : "No real character is built like this.";
  }

  async function plan(ids) {
    const mine = ++latest;
    const laid = ids ? await fetched("/api/plan", { method: "POST", body: { ids } }) : { message: "Click an arrangement, then parts." };
    if (mine === latest) lay(laid);
    return laid;
  }

  function typed(text) {
    const [start, end] = [field.selectionStart ?? field.value.length, field.selectionEnd ?? field.value.length];
    field.setRangeText(text, start, end, "end");
    field.dispatchEvent(new Event("input"));
  }

  function key(char, picture, label, className = "") {
    const made = element("button", { type: "button", title: label, className }, picture);
    made.setAttribute("aria-label", label);
    made.addEventListener("click", () => typed(char));
    return made;
  }

  field.addEventListener("input", () => {
    clearTimeout(pause);
    pause = setTimeout(() => plan(field.value.trim()).catch(() => {}), PAUSE);
  });
  panel.querySelector("#erase").addEventListener("click", () => {
    field.value = [...field.value].slice(0, -1).join("");
    field.dispatchEvent(new Event("input"));
  });
  panel.querySelector("#clear").addEventListener("click", () => {
    field.value = "";
    field.dispatchEvent(new Event("input"));
    field.focus();
  });

  async function stock() {
    const { operators, parts } = await fetched("/api/parts");
    panel.querySelector("#operators").append(...operators.map(({ char, name }) => key(char, diagram(char), `${char} ${name}`, "arrangement")));
    panel.querySelector("#parts").append(...parts.map(({ char, svg }) => key(char, drawing(svg), char)));
  }

  return {
    first: stock,
    check: async ({ ids }) => {
      const { message } = await plan(ids);
      if (message) blame(form, "ids", message);
      return !message;
    },
    begin: () => place.replaceChildren(),
    glyph: (glyph) => place.append(tile(glyph)),
  };
}
