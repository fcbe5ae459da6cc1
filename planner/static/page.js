/* Small habits of every page; all of it works without, only less comfortably.

   Ctrl/Cmd+S   sends form[data-save]            /     focuses the search field
   Esc          closes what was opened last: a dialog closes itself, otherwise a[data-close]
   A form is sent once. Unsaved text in form[data-save] is asked about before the page is left.
   The words that fields make ([data-live]) follow what is typed; nothing is stored by it.
   Wide tables can be scrolled by keyboard. A calculation under way ([data-job]) is followed.

   The answer of a job's address is JSON:
     {"status": "queued" | "running" | "done" | "failed" | "cancelled",
      "headline": "what it is doing", "detail": "gap, elapsed time", "share": 0.4 or null,
      "plan": "what the best plan so far funds",
      "href": "where to go when it has ended, or null to load this page again"} */

const SAVED_AGAIN = 8000;         // a form may be sent again after this, if the page is still here
const POLL_SOON = 1500;
const POLL_LATER = 5000;
const SOON = 30000;

// ---- Forms: once, and not lost ----

const sent = new WeakSet();
const dirty = new WeakSet();

function release(form) {
  sent.delete(form);
  for (const button of form.querySelectorAll("[aria-disabled='true']")) button.removeAttribute("aria-disabled");
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post") return;
  if (sent.has(form)) {
    event.preventDefault();
    return;
  }
  dirty.delete(form);
  sent.add(form);
  const again = form.hasAttribute("data-again") ? 0 : SAVED_AGAIN;
  setTimeout(() => {
    for (const button of form.querySelectorAll("button")) button.setAttribute("aria-disabled", "true");
  });
  setTimeout(() => release(form), again);
});

window.addEventListener("pageshow", (event) => {
  if (event.persisted) for (const form of document.forms) release(form);
});

document.addEventListener("input", (event) => {
  const form = event.target.form;
  if (form?.hasAttribute("data-save")) dirty.add(form);
});

document.addEventListener("saved", (event) => dirty.delete(event.target));

window.addEventListener("beforeunload", (event) => {
  if ([...document.forms].some((form) => dirty.has(form))) event.preventDefault();
});

// ---- Keys ----

function isTyping(element) {
  return element.matches("input, textarea, select, [contenteditable]");
}

document.addEventListener("keydown", (event) => {
  const key = event.key.toLowerCase();
  if (key === "s" && (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey) {
    const form = event.target.closest?.("form[data-save]") ?? document.querySelector("form[data-save]");
    if (!form) return;
    event.preventDefault();
    form.requestSubmit(form.querySelector("[data-save-button]") ?? form.querySelector("button[type='submit']"));
  } else if (key === "/" && !isTyping(event.target) && !event.ctrlKey && !event.metaKey) {
    const search = document.querySelector("input[type='search']");
    if (!search) return;
    event.preventDefault();
    search.focus();
    search.select();
  } else if (key === "escape" && !document.querySelector("dialog[open]") && !event.defaultPrevented) {
    document.querySelector("a[data-close]")?.click();
  }
});

// ---- Dialogs: a[data-dialog] opens the <dialog> it points at ----

document.addEventListener("click", (event) => {
  const opener = event.target.closest?.("[data-dialog]");
  const dialog = opener && document.getElementById(opener.dataset.dialog);
  if (dialog) {
    event.preventDefault();
    dialog.showModal();
  }
  if (event.target.closest?.("[data-dialog-close]")) event.target.closest("dialog")?.close();
});

// ---- What is typed, in words: [data-live] holds fields and the [data-said] that they make ----

let saying = 0;

document.addEventListener("change", async (event) => {
  const part = event.target.closest?.("[data-live]");
  if (!part) return;
  const turn = ++saying;
  const body = new FormData(part.closest("form"));
  body.set("do", part.dataset.live);
  try {
    const response = await fetch(location.href, { method: "POST", body });
    if (!response.ok || turn !== saying) return;
    const answer = new DOMParser().parseFromString(await response.text(), "text/html");
    const said = answer.getElementById(part.id)?.querySelector("[data-said]");
    if (said) part.querySelector("[data-said]").textContent = said.textContent;
  } catch {
    // no answer just now: the button that says the same is still there
  }
});

// ---- Scrolling tables take focus only while there is something to scroll to ----

const overflow = new ResizeObserver((entries) => {
  for (const { target } of entries) {
    const fits = target.scrollWidth <= target.clientWidth;
    target.classList.toggle("fits", fits);
    if (fits) target.removeAttribute("tabindex");
    else target.tabIndex = 0;
  }
});
for (const element of document.querySelectorAll(".scroll")) overflow.observe(element);

// ---- What went wrong comes first ----

document.querySelector("[data-first]")?.focus();

// ---- A calculation under way ----

function tell(element, answer) {
  const headline = element.querySelector("[data-job-headline]");
  const detail = element.querySelector("[data-job-detail]");
  const bar = element.querySelector("progress");
  if (headline && answer.headline && headline.textContent !== answer.headline) headline.textContent = answer.headline;
  if (detail) detail.textContent = answer.detail ?? "";
  const plan = element.querySelector("[data-job-plan]");
  if (plan) plan.textContent = answer.plan ?? "";
  if (bar && typeof answer.share === "number") bar.value = answer.share;
  else bar?.removeAttribute("value");
}

// whoever saw the end need not be written to about it
async function watched(address) {
  const token = document.querySelector("input[name='csrf_token']")?.value;
  if (address && token) await fetch(address, { method: "POST", headers: { "X-CSRFToken": token } });
}

async function follow(element) {
  const began = performance.now();
  const ended = new Set(["done", "failed", "cancelled"]);
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, performance.now() - began < SOON ? POLL_SOON : POLL_LATER));
    try {
      const response = await fetch(element.dataset.job, { headers: { Accept: "application/json" } });
      if (response.ok) {
        const answer = await response.json();
        tell(element, answer);
        if (ended.has(answer.status)) {
          await watched(element.dataset.jobSeen);
          // what is being typed is not thrown away: "look again" stands there
          if ([...document.forms].some((form) => dirty.has(form))) return;
          if (answer.href) location.assign(answer.href);
          else location.reload();
          return;
        }
      } else if (response.status < 500 && response.status !== 429) {
        location.reload();      // signed out or gone: the page itself says so
        return;
      }
    } catch {
      // no answer just now: try again at the next turn
    }
  }
}

for (const element of document.querySelectorAll("[data-job]")) follow(element);
