// The gallery: what was kept, and a font of it.

import { blame, limit, settingsOf } from "./forms.js";
import { element, tile } from "./glyphs.js";
import { ask, fetched } from "./studio.js";

const FAMILY = { family: { longest: 31 } };

export function gallery(panel) {
  const form = panel.querySelector("form");
  const place = panel.querySelector(".sheet");
  const status = panel.querySelector(".status");

  function count() {
    const kept = place.childElementCount;
    status.textContent = kept ? `${kept} ${kept === 1 ? "character" : "characters"}` : "Nothing yet. Open a character and press Keep.";
    form.hidden = !kept;
  }

  async function refresh() {
    try {
      const kept = await fetched("/api/gallery");
      place.replaceChildren(...kept.map((glyph) => tile(glyph, { from: "/api/gallery", removed: count })));
      count();
    } catch (refused) {
      status.textContent = refused.message;
    }
  }

  limit(form, FAMILY);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const settings = settingsOf(form);
    if (!settings) return;
    status.textContent = "Tracing outlines…";
    try {
      const { family, ending } = settings;
      const answer = await ask(`/api/gallery/font.${ending}`, { method: "POST", body: { family } });
      const address = URL.createObjectURL(await answer.blob());
      element("a", { href: address, download: `${family}.${ending}` }).click();
      setTimeout(() => URL.revokeObjectURL(address), 10_000);
    } catch (refused) {
      blame(form, "family", refused.message);
    }
    count();
  });
  return { refresh };
}
