/* A form that saves itself (form[data-autosave]) and shows what it comes to ([data-preview]).

   While one types, the step is sent as it stands; the server stores what is complete and keeps the
   rest as it was typed. Its answer is JSON:
     {"version": 4, "saved": "Gemt kl. 14.03", "errors": [[field, sentence], ...], "wrong": [field]}
   where "wrong" are the fields that cannot be read, the other errors what is not filled in yet;
   or, where nothing was stored (somebody else was first, a field cannot be read):
     {"errors": [...], "by": "who and when"}
   The button "Save" does the same without this script. */

const QUIET = 1500;               // milliseconds without a key before it is saved
const SOON = 400;                 // and before the preview follows

function words(element, key, values) {
  return Object.entries(values).reduce(
    (text, [name, value]) => text.replace(`{${name}}`, value),
    element.dataset[key],
  );
}

/** Write a mistake at its field, as the server's page does. */
function tell(field, text) {
  const id = `${field.id}-error`;
  let line = document.getElementById(id);
  if (!line) {
    line = document.createElement("p");
    line.className = "err";
    line.id = id;
    const box = field.closest(".field");
    if (box) box.insertBefore(line, field.closest(".unit") ?? field);
    else field.closest(".scroll")?.before(line);
  }
  line.textContent = text;
  describe(field, (ids) => ids.add(id));
  field.setAttribute("aria-invalid", "true");
  field.closest(".field")?.classList.add("wrong");
}

function clear(field) {
  const id = `${field.id}-error`;
  document.getElementById(id)?.remove();
  describe(field, (ids) => ids.delete(id));
  field.removeAttribute("aria-invalid");
  field.closest(".field")?.classList.remove("wrong");
}

function describe(field, change) {
  const ids = new Set((field.getAttribute("aria-describedby") ?? "").split(" ").filter(Boolean));
  change(ids);
  if (ids.size) field.setAttribute("aria-describedby", [...ids].join(" "));
  else field.removeAttribute("aria-describedby");
}

class Draft {
  constructor(form) {
    this.form = form;
    this.said = document.querySelector("[data-saved]");
    this.preview = form.querySelector("[data-preview]");
    this.saving = 0;
    this.looking = 0;
    this.asked = null;
    this.busy = false;
    this.again = false;
    this.stopped = false;
    form.addEventListener("input", () => this.changed());
    this.pressed = null;
    this.told = null;               // what the server said of the fields as they stand
    form.addEventListener("focusout", () => setTimeout(() => this.told && this.mark(this.told)));
    form.addEventListener("submit", (event) => this.submitted(event));
  }

  changed() {
    clearTimeout(this.saving);
    clearTimeout(this.looking);
    if (this.stopped) return;
    this.told = null;
    this.saving = setTimeout(() => this.save(), QUIET);
    if (this.preview) this.looking = setTimeout(() => this.look(), SOON);
  }

  /** While we save, the button waits: it would be told that somebody else was first. */
  submitted(event) {
    this.stop();
    if (!this.busy) return;
    event.preventDefault();
    event.stopPropagation();        // page.js would hold the form for sent
    this.pressed = event.submitter;
  }

  /** The button has been pressed: what it sends is newer than anything of ours. */
  stop() {
    this.stopped = true;
    clearTimeout(this.saving);
    clearTimeout(this.looking);
  }

  body() {
    const body = new FormData(this.form);
    body.delete("_key");            // the key is the button's: it works once
    body.set("do", "save");
    return body;
  }

  async save() {
    if (this.busy) {
      this.again = true;
      return;
    }
    this.busy = true;
    this.say(this.said.dataset.saving);
    try {
      const response = await fetch(this.form.action || location.href, {
        method: "POST",
        body: this.body(),
        headers: { "X-Autosave": "1", Accept: "application/json" },
      });
      this.answered(response.ok, await response.json());
    } catch {
      this.say(this.said.dataset.failed);
    }
    this.busy = false;
    if (this.pressed) {
      this.form.requestSubmit(this.pressed);
    } else if (this.again && !this.stopped) {
      this.again = false;
      this.save();
    }
  }

  answered(ok, answer) {
    if (ok) {
      this.form.elements.version.value = answer.version;
      this.form.dispatchEvent(new CustomEvent("saved", { bubbles: true }));
      const left = this.unread(answer) || this.missing(answer.errors);
      this.say([answer.saved, left].filter(Boolean).join(". "));
    } else if (answer.by) {
      this.stop();                  // from here on only the button: it shows both
      this.say(words(this.said, "clash", { who: answer.by }));
    } else {
      this.say(this.unread(answer) || this.said.dataset.failed);
    }
    if (!this.again) this.told = answer;
    this.mark(answer);
  }

  /** What cannot be read, in the server's words: the status line says it to a screen reader. */
  unread({ errors = [], wrong }) {
    return errors.filter(([id]) => !wrong || wrong.includes(id)).map(([, text]) => text).join(" ");
  }

  missing(errors = []) {
    if (!errors.length) return "";
    if (errors.length === 1) return this.said.dataset.missingOne;
    return words(this.said, "missingMany", { count: errors.length });
  }

  /** Mark what cannot be read, except where one is typing; what is mended is no longer marked. */
  mark({ errors = [], wrong }) {
    const texts = new Map(errors);
    for (const field of this.form.querySelectorAll("input, select, textarea")) {
      if (!field.id) continue;
      if (!texts.has(field.id)) clear(field);
      else if (field !== document.activeElement && (!wrong || wrong.includes(field.id))) {
        tell(field, texts.get(field.id));
      }
    }
  }

  say(text) {
    if (this.said.textContent !== text) this.said.textContent = text;
  }

  async look() {
    this.asked?.abort();
    this.asked = new AbortController();
    try {
      const response = await fetch(this.preview.dataset.preview, {
        method: "POST",
        body: this.body(),
        signal: this.asked.signal,
      });
      if (!response.ok || response.redirected) return;
      const answer = new DOMParser().parseFromString(await response.text(), "text/html");
      this.preview.replaceChildren(...answer.body.childNodes);
      document.dispatchEvent(new CustomEvent("pictures"));
    } catch {
      // a newer question is under way, or there is no answer just now: the next key asks again
    }
  }
}

for (const form of document.querySelectorAll("form[data-autosave]")) new Draft(form);
