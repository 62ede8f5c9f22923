// The page: tabs, addresses that reproduce what is shown, and one way to run every tab's form.

import { composing } from "./compose.js";
import { blame, fill, limit, newSeed, settingsOf } from "./forms.js";
import { gallery } from "./gallery.js";
import { element, tile } from "./glyphs.js";
import { lettering } from "./lettering.js";
import { draw, fetched } from "./studio.js";
import { walking } from "./walk.js";

const tabs = [...document.querySelectorAll("[role=tab]")];
const panelOf = (tab) => document.getElementById(tab.getAttribute("aria-controls"));
const addresses = {}; // of what each tab shows
const firsts = {}; // what a tab does when it is shown for the first time

const sheet = (panel) => {
  const place = panel.querySelector(".sheet");
  return { begin: () => place.replaceChildren(), glyph: (glyph) => place.append(tile(glyph)) };
};

const groups = (panel) => {
  const place = panel.querySelector(".groups");
  return {
    begin: () => place.replaceChildren(),
    group: ({ group, summary }) =>
      place.append(element("section", {}, element("h2", { textContent: group }), element("p", { textContent: summary }), element("div", { className: "sheet" }))),
    glyph: (glyph) => place.lastElementChild.querySelector(".sheet").append(tile(glyph)),
  };
};

const views = { dream: sheet, write: sheet, compose: composing, ascii: lettering, compare: groups, walk: walking };

function runnable(name, hear, ready) {
  const panel = document.getElementById(name);
  const form = panel.querySelector("form");
  const status = panel.querySelector(".status");
  let running = new AbortController();

  async function run({ remember = true } = {}) {
    const settings = settingsOf(form);
    if (!settings || (hear.check && !(await hear.check(settings)))) return;
    running.abort();
    const mine = (running = new AbortController());
    addresses[name] = `?${new URLSearchParams({ tab: name, ...settings })}`;
    if (remember) history.pushState(null, "", addresses[name]);
    const stop = element("button", { type: "button", textContent: "Stop" });
    stop.addEventListener("click", () => mine.abort());
    const say = (text) => status.replaceChildren(text, stop);
    say("Asking…");
    let drawn = 0;
    try {
      await draw(name, settings, (event) => {
        if (event.event === "position") say(event.position ? `Waiting: ${event.position} before you.` : "You are next.");
        if (event.event === "begin") say("Drawing…");
        if (event.event === "glyph" && settings.n && !hear.group) say(`Drawing… ${++drawn} of ${settings.n}`);
        hear[event.event]?.(event);
      }, mine.signal);
      status.textContent = "";
    } catch (refused) {
      if (refused.name === "AbortError") {
        if (mine === running) status.textContent = "Stopped.";
      } else {
        status.textContent = "";
        if (!blame(form, refused.field, refused.message)) status.append(element("span", { className: "fault", textContent: refused.message }));
      }
    }
  }

  limit(form, ready.tabs[name]);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    run();
  });
  panel.querySelector(".another")?.addEventListener("click", () => {
    newSeed(form);
    run();
  });
  return (query) => fill(form, query) && run({ remember: false });
}

function show(name, { focus = false, remember = true } = {}) {
  for (const tab of tabs) {
    const chosen = panelOf(tab).id === name;
    tab.setAttribute("aria-selected", chosen);
    tab.tabIndex = chosen ? 0 : -1;
    panelOf(tab).hidden = !chosen;
    if (chosen) {
      tab.scrollIntoView({ block: "nearest", inline: "center" });
      if (focus) tab.focus();
    }
  }
  document.title = `${name === "walk" ? "trajectory" : name} · tensho studio`;
  if (remember) history.pushState(null, "", addresses[name] ?? `?tab=${name}`);
  firsts[name]?.();
  delete firsts[name];
  if (name === "gallery") kept.refresh();
}

const step = { ArrowRight: 1, ArrowLeft: -1 };
for (const [k, tab] of tabs.entries()) {
  tab.addEventListener("click", () => show(panelOf(tab).id));
  tab.addEventListener("keydown", (event) => {
    const place = { Home: 0, End: tabs.length - 1 }[event.key] ?? (event.key in step ? (k + step[event.key] + tabs.length) % tabs.length : null);
    if (place === null) return;
    event.preventDefault();
    show(panelOf(tabs[place]).id, { focus: true });
  });
}

const kept = gallery(document.getElementById("gallery"));
const ready = await fetched("/api/studio");
const runs = {};
for (const [name, view] of Object.entries(views)) {
  const hear = view(document.getElementById(name), ready);
  firsts[name] = hear.first;
  runs[name] = runnable(name, hear, ready);
}

const model = document.querySelector("#dream [name=model]");
const style = document.querySelector("#dream [name=style]");
const suit = () => (style.disabled = !ready.styled.includes(model.value));
model.addEventListener("change", suit);
suit();

function follow() {
  const query = new URLSearchParams(location.search);
  const name = tabs.map((tab) => panelOf(tab).id).find((id) => id === query.get("tab")) ?? "dream";
  show(name, { remember: false });
  if (runs[name]?.(query)) addresses[name] = location.search;
  suit();
}

addEventListener("popstate", follow);
follow();
document.body.dataset.ready = "";
