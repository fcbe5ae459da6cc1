/* The flow grid (table[data-grid], see templates/_macros/grid.html): a spreadsheet in a form.

   Arrow keys and Enter move, Shift+Enter moves up, pasting from a spreadsheet fills cells from the
   focused one and says what it could not read; one press undoes it. Sums follow while one types.
   Amounts are read by the same rule as on the server: whole numbers with points between thousands. */

const AMOUNT = /^-?(?:[1-9]\d{0,2}(?:\.\d{3})+|\d+)(?:,0{1,2})?$/;
const MINUS = "\u2212";

/** Read an amount; null when empty, undefined when it cannot be read. */
function amount(text) {
  const plain = text.trim().replaceAll(/[\u00a0\u202f ]/g, "").replace(MINUS, "-").replace(/kr\.?$/i, "");
  if (plain === "") return null;
  if (!AMOUNT.test(plain)) return undefined;
  return Number(plain.replaceAll(".", "").replace(/,.*/, ""));
}

function written(value) {
  const digits = String(Math.abs(value)).replaceAll(/\B(?=(\d{3})+$)/g, ".");
  return value < 0 ? MINUS + digits : digits;
}

class Grid {
  constructor(table) {
    this.table = table;
    this.said = table.closest(".scroll")?.parentElement.querySelector("[data-grid-said]");
    table.addEventListener("keydown", (event) => this.move(event));
    table.addEventListener("paste", (event) => this.paste(event));
    table.addEventListener("input", () => this.sum());
    table.addEventListener("focusout", (event) => this.tidy(event.target));
    this.sum();
  }

  /** Rows of money fields, as they stand on the screen. */
  rows() {
    return [...this.table.tBodies]
      .flatMap((body) => [...body.rows])
      .map((row) => [...row.querySelectorAll("input[data-year]")])
      .filter((cells) => cells.length);
  }

  place(input) {
    const rows = this.rows();
    const row = rows.findIndex((cells) => cells.includes(input));
    return row < 0 ? null : { rows, row, column: rows[row].indexOf(input) };
  }

  move(event) {
    const input = event.target;
    const at = input.matches?.("input[data-year]") && this.place(input);
    if (!at || event.altKey || event.ctrlKey || event.metaKey) return;
    const whole = input.selectionStart === 0 && input.selectionEnd === input.value.length;
    const steps = {
      ArrowUp: [-1, 0],
      ArrowDown: [1, 0],
      Enter: [event.shiftKey ? -1 : 1, 0],
      ArrowLeft: whole || input.selectionEnd === 0 ? [0, -1] : null,
      ArrowRight: whole || input.selectionStart === input.value.length ? [0, 1] : null,
    };
    const step = steps[event.key];
    if (!step || (event.shiftKey && event.key !== "Enter")) return;
    event.preventDefault();          // Enter must not send the form from inside the grid
    const next = at.rows[at.row + step[0]]?.[at.column + step[1]];
    next?.focus();
    next?.select();
  }

  paste(event) {
    const text = event.clipboardData.getData("text/plain");
    const at = event.target.matches?.("input[data-year]") && this.place(event.target);
    if (!at || !/[\t\n]/.test(text.trim())) return;    // one value: the browser does it
    event.preventDefault();
    const before = [];
    const unread = [];
    const outside = [];
    text.replace(/\r?\n$/, "").split(/\r?\n/).forEach((line, down) => {
      line.split("\t").forEach((words, right) => {
        const cell = at.rows[at.row + down]?.[at.column + right];
        const value = amount(words);
        if (!cell) {
          if (words.trim()) outside.push(`“${words.trim()}”`);
        } else if (value === undefined) {
          unread.push(`${cell.getAttribute("aria-label")} (“${words.trim()}”)`);
        } else {
          before.push([cell, cell.value]);
          cell.value = value === null ? "" : written(value);
        }
      });
    });
    this.report(before, unread, outside);
    this.changed(event.target);
  }

  report(before, unread, outside) {
    const { filledOne, filledMany, unread: cannot, outside: beyond, undo, undone } = this.table.dataset;
    const words = [before.length === 1 ? filledOne : filledMany.replace("{count}", before.length)];
    if (unread.length) words.push(cannot.replace("{cells}", unread.join(", ")));
    if (outside.length) words.push(beyond.replace("{cells}", outside.join(", ")));
    if (!this.said) return;
    this.said.classList.toggle("unread", unread.length + outside.length > 0);
    const button = Object.assign(document.createElement("button"), { type: "button", className: "link", textContent: undo });
    button.addEventListener("click", () => {
      for (const [cell, value] of before) cell.value = value;
      this.said.classList.remove("unread");
      this.said.replaceChildren(undone);
      before[0]?.[0].focus();
      this.changed(this.table.querySelector("input"));
    });
    this.said.replaceChildren(words.join(" "), ...(before.length ? [button] : []));
  }

  changed(input) {
    input?.dispatchEvent(new Event("input", { bubbles: true }));
  }

  /** Show a typed amount as it was understood: 1234567 becomes 1.234.567. */
  tidy(input) {
    if (!input.matches?.("input[data-year]")) return;
    const value = amount(input.value);
    if (typeof value === "number") input.value = written(value);
  }

  sum() {
    const years = new Map();
    for (const row of this.table.querySelectorAll("tr[data-line]")) {
      const inputs = [...row.querySelectorAll("input[data-year]")];
      const values = inputs.map((input) => amount(input.value));
      inputs.forEach((input, place) => {
        const year = input.dataset.year;
        years.set(year, add(years.has(year) ? years.get(year) : 0, values[place]));
      });
      this.show(row.querySelector("[data-line-sum]"), values.reduce(add, 0));
    }
    for (const cell of this.table.querySelectorAll("[data-year-sum]")) {
      const wanted = cell.dataset.yearSum;
      const parts = wanted ? [years.has(wanted) ? years.get(wanted) : 0] : [...years.values()];
      this.show(cell, parts.reduce(add, 0));
    }
  }

  show(cell, value) {
    if (!cell) return;
    cell.textContent = value === undefined ? this.table.dataset.missing : written(value);
    cell.classList.toggle("bad-text", value === undefined);
  }
}

/** Add, where anything that cannot be read makes the sum unknown rather than wrong. */
function add(total, value) {
  return total === undefined || value === undefined ? undefined : total + (value ?? 0);
}

for (const table of document.querySelectorAll("table[data-grid]")) new Grid(table);
