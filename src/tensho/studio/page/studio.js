// Talking to the studio's own server, and to nobody else.

export class Refused extends Error {
  constructor({ field = "", message }) {
    super(message);
    this.field = field;
  }
}

const me = (sessionStorage.visitor ??= [...crypto.getRandomValues(new Uint8Array(12))].map((byte) => byte.toString(16).padStart(2, "0")).join(""));

export async function ask(path, { method = "GET", body, signal } = {}) {
  const headers = { "X-Client": me, ...(body && { "Content-Type": "application/json" }) };
  let answer;
  try {
    answer = await fetch(path, { method, headers, signal, body: body && JSON.stringify(body) });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Refused({ message: "The studio does not answer; is it still running in its terminal?" });
  }
  if (answer.ok) return answer;
  throw new Refused(await answer.json().catch(() => ({ message: `The studio answered with an error (${answer.status}).` })));
}

export const fetched = async (path, options) => (await ask(path, options)).json();

/** Start a drawing and call `hear` with each event as it arrives. */
export async function draw(tab, settings, hear, signal) {
  const answer = await ask(`/api/draw/${tab}`, { method: "POST", body: settings, signal });
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    const lines = (rest + (value ?? "")).split("\n");
    rest = lines.pop();
    for (const line of lines) {
      const event = JSON.parse(line);
      if (event.event === "error") throw new Refused(event);
      hear(event);
    }
    if (done) return;
  }
}
