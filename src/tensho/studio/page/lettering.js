// ASCII art, as it comes to be.

export function lettering(panel, { ascii: needs }) {
  const art = panel.querySelector("#art");
  const tools = panel.querySelector("#art-tools");
  const copy = panel.querySelector("#copy-art");
  const note = panel.querySelector("#ascii-needs");
  note.textContent = needs;
  note.hidden = !needs;
  copy.addEventListener("click", async () => {
    await navigator.clipboard.writeText(art.textContent);
    copy.textContent = "Copied";
    setTimeout(() => (copy.textContent = "Copy"), 1500);
  });
  return {
    art: ({ text }) => {
      art.textContent = text;
      art.hidden = tools.hidden = false;
    },
  };
}
