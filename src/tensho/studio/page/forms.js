// Forms take their limits from the server, show faults by the field, and read and write the page's address.

const SMALL_SEED = 1_000_000;

const fieldsOf = (form) => [...form.elements].filter((element) => element.name);

/** Give the form's fields the limits, choices and defaults that the server states. */
export function limit(form, limits) {
  for (const field of fieldsOf(form)) {
    const { low, high, longest, options, default: preset } = limits[field.name] ?? {};
    if (low !== undefined) Object.assign(field, { min: low, max: high, value: preset });
    if (longest !== undefined) Object.assign(field, { maxLength: longest, required: true });
    if (options) field.replaceChildren(...options.map((name) => new Option(name, name)));
    const fault = document.createElement("span");
    fault.className = "fault";
    fault.id = `${form.parentElement.id}-${field.name}-fault`;
    // Beside the label, not in it, or the fault would become part of the field's name.
    const label = field.closest("label");
    const frame = document.createElement("div");
    frame.className = `field ${label.className}`;
    label.replaceWith(frame);
    frame.append(label, fault);
    field.setAttribute("aria-describedby", `${field.getAttribute("aria-describedby") ?? ""} ${fault.id}`.trim());
    field.addEventListener("input", () => blame(form, field.name, ""));
  }
}

/** Show a message by a field; "" clears it. Returns whether there is such a field. */
export function blame(form, name, message) {
  const field = form.elements[name];
  if (!field) return false;
  field.setAttribute("aria-invalid", message !== "");
  field.closest(".field").querySelector(".fault").textContent = message;
  if (message) field.focus();
  return true;
}

/** The settings, or null after the first field that is out of its limits was blamed. */
export function settingsOf(form) {
  const settings = {};
  for (const field of fieldsOf(form)) {
    blame(form, field.name, "");
    if (field.disabled) continue;
    const text = field.value.trim();
    if (field.type !== "number") {
      if (field.required && !text) return void blame(form, field.name, "Write something here.");
      settings[field.name] = text;
    } else {
      const value = Number(text);
      if (text === "" || !Number.isSafeInteger(value) || value < Number(field.min) || value > Number(field.max)) {
        const [low, high] = [field.min, field.max].map((edge) => Number(edge).toLocaleString("en"));
        return void blame(form, field.name, `Give a whole number from ${low} to ${high}.`);
      }
      settings[field.name] = value;
    }
  }
  return settings;
}

/** Fill the form from the page's address; returns whether the address held any setting. */
export function fill(form, query) {
  const given = fieldsOf(form).filter((field) => query.has(field.name));
  for (const field of given) {
    field.value = query.get(field.name);
    if (field.selectedIndex === -1) field.selectedIndex = 0;
  }
  return given.length > 0;
}

export function newSeed(form) {
  form.elements.seed.value = Math.floor(Math.random() * SMALL_SEED);
}
