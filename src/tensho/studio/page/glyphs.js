// A glyph as a tile, and opened large with all that is known of it.

import { ask, fetched } from "./studio.js";

const SAYS = {
  new: "Nobody has written this: no real character is near.",
  unknown: "No table here has this, and nothing looks like it; yet the tables do not hold all characters.",
  variant: "A real character, with a part written in another way.",
  "near copy": "Very like a real character.",
  exists: "This character exists.",
};

export function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

/** A drawing for the eye alone: what it shows is said beside it. */
export function drawing(svg) {
  const made = document.importNode(new DOMParser().parseFromString(svg, "image/svg+xml").documentElement, true);
  made.querySelector("title")?.remove();
  made.removeAttribute("role");
  made.setAttribute("aria-hidden", "true");
  return made;
}

const picture = (glyph, from) => (glyph.svg ? drawing(glyph.svg) : element("img", { src: `${from}/${glyph.id}.png`, alt: "" }));

const brief = ({ verdict, nearest: [first] }) =>
  ["new", "unknown"].includes(verdict) || !first ? (verdict === "unknown" ? "not known" : "new") : `${verdict === "exists" ? "is" : "like"} ${first[0]}`;

/** A button that shows the glyph and opens it large. `from` is where it is downloaded. */
export function tile(glyph, { from = "/api/glyph", removed } = {}) {
  const made = element(
    "button",
    { type: "button", className: "tile" },
    picture(glyph, from),
    ...(glyph.ids ? [element("span", { className: "parts", textContent: glyph.ids })] : []),
    ...(glyph.explanation ? [element("span", { className: "says", textContent: glyph.explanation })] : []),
    element("span", { className: `says ${glyph.verdict === "exists" ? "known" : ""}`, textContent: brief(glyph) }),
  );
  made.setAttribute("aria-label", `${glyph.ids ?? "A character"}, ${brief(glyph)}. Open it large`);
  made.addEventListener("click", () => open(glyph, from, removed && (() => { made.remove(); removed(); })));
  return made;
}

function open(glyph, from, removed) {
  const dialog = document.querySelector("#glyph");
  const find = (name) => dialog.querySelector(name);
  find(".picture").replaceChildren(picture(glyph, from));
  find("h2").textContent = glyph.ids ?? "An invented character";
  find(".verdict").textContent = glyph.character ? `This is ${glyph.character}, a real character.` : SAYS[glyph.verdict];
  find(".why").textContent = glyph.explanation ?? "";
  find(".nearest").replaceChildren(
    ...glyph.nearest.map(([character, distance]) => element("li", {}, element("b", { textContent: character, lang: "zh" }), distance.toFixed(2))),
  );
  find("h3").hidden = glyph.nearest.length === 0;
  find(".origin").textContent = [glyph.model, glyph.style, `seed ${glyph.seed}`, `no. ${glyph.index + 1}`,
    glyph.donors?.length && `${glyph.rung} of ${glyph.donors.join(" ")}`].filter(Boolean).join(" · ");
  for (const ending of ["png", "svg"]) find(`a.${ending}`).href = `${from}/${glyph.id}.${ending}`;
  find("a.svg").hidden = !glyph.svg;
  const fault = find(".fault");
  fault.textContent = "";
  const keep = find(".keep");
  keep.textContent = removed ? "Remove" : "Keep";
  keep.disabled = false;
  keep.onclick = async () => {
    keep.disabled = true;
    try {
      if (removed) {
        await ask(`/api/gallery/${glyph.id}`, { method: "DELETE" });
        removed();
        dialog.close();
      } else {
        await fetched("/api/gallery", { method: "POST", body: { glyph: glyph.id } });
        keep.textContent = "Kept";
      }
    } catch (refused) {
      fault.textContent = refused.message;
      keep.disabled = false;
    }
  };
  dialog.showModal();
}

document.querySelector("#glyph").addEventListener("click", (event) => {
  if (event.target === event.currentTarget) event.currentTarget.close();
});
