/* Draws the charts of a page: every figure[data-chart] holds its Vega-Lite specification in a
   <script type="application/json" data-spec>. The drawing library is only fetched where there is a
   chart. Colours become properties of the stylesheet, so dark and print need no new drawing.

   The specification's `usermeta` (planner/reports/chart_style.py) says
     colours  {hex: property name}
     narrow   what to merge into the specification on a narrow screen
     panels   {count, labels, spacing, title} of a picture with several panels */

const NARROW = matchMedia("(width <= 44rem)");
const RIGHT_MARGIN = 4;

const options = {
  ast: true,               // no eval: the Content-Security-Policy forbids it
  actions: false,
  renderer: "svg",
  defaultStyle: false,
  tooltip: { disableDefaultStyle: true },
};

/** Merge `patch` into a copy of `spec`; lists are replaced. */
function merged(spec, patch) {
  if (!isPlain(spec) || !isPlain(patch)) return patch;
  const result = { ...spec };
  for (const [key, value] of Object.entries(patch)) result[key] = merged(spec[key], value);
  return result;
}

function isPlain(value) {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}

/** Replace every colour by the stylesheet's property of the same meaning. */
function coloured(value, colours) {
  if (typeof value === "string") {
    const property = colours[value.toLowerCase()];
    return property ? `var(--${property})` : value;
  }
  if (Array.isArray(value)) return value.map((item) => coloured(item, colours));
  if (!isPlain(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, coloured(item, colours)]),
  );
}

/** Give every panel its share of the room; below each other when narrow. */
function panelled(spec, panels, room, narrow) {
  const columns = narrow ? 1 : panels.count;
  const gaps = (columns - 1) * panels.spacing;
  const width = Math.max(120, Math.floor((room - panels.labels - gaps - RIGHT_MARGIN) / columns));
  const sized = { ...spec };
  if (sized.spec) {
    sized.columns = columns;
    sized.spacing = narrow ? panels.title : panels.spacing;  // a title stands outside the bounds
    sized.spec = { ...sized.spec, width };
  }
  if (sized.vconcat) sized.vconcat = sized.vconcat.map((part) => ({ ...part, width }));
  return sized;
}

function prepared(source, room, narrow) {
  const { colours = {}, narrow: patch, panels } = source.usermeta ?? {};
  let spec = { ...source };
  delete spec.usermeta;
  if (narrow && patch) spec = merged(spec, patch);
  if (panels) spec = panelled(spec, panels, room, narrow);
  const { data, datasets, ...rest } = coloured(spec, colours);
  return { ...rest, ...(spec.data && { data: spec.data }), ...(spec.datasets && { datasets: spec.datasets }) };
}

class Picture {
  constructor(figure) {
    this.figure = figure;
    this.plot = figure.querySelector("[data-plot]");
    this.source = JSON.parse(figure.querySelector("[data-spec]").textContent);
    this.width = 0;
    this.view = null;
    this.waiting = 0;
  }

  /** Draw when the room has changed enough to matter. */
  fit() {
    const width = Math.floor(this.plot.clientWidth);
    if (!width || Math.abs(width - this.width) < 2) return;
    this.width = width;
    cancelAnimationFrame(this.waiting);
    this.waiting = requestAnimationFrame(() => this.draw());
  }

  async draw() {
    const narrow = NARROW.matches || this.width < 500;
    const spec = prepared(this.source, this.width, narrow);
    if (spec.width === "container") spec.width = this.width;
    try {
      const drawn = await window.vegaEmbed(this.plot, spec, options);
      this.view?.finalize();
      this.view = drawn;
      this.plot.querySelector("svg")?.setAttribute("focusable", "false");
    } catch (error) {
      console.error(`Chart ${this.figure.id} could not be drawn`, error);
      this.figure.querySelector("details").open = true;
    }
  }
}

const pictures = new Map();
const watcher = new ResizeObserver((entries) => {
  for (const entry of entries) pictures.get(entry.target)?.fit();
});

/** Draw the charts that stand on the page now and are not drawn yet. */
async function start() {
  const figures = document.querySelectorAll("[data-chart]");
  const bundle = document.querySelector("script[data-bundle]")?.dataset.bundle;
  if (!figures.length || !bundle) return;
  await import(bundle);
  for (const plot of pictures.keys()) {
    if (plot.isConnected) continue;
    watcher.unobserve(plot);
    pictures.get(plot).view?.finalize();
    pictures.delete(plot);
  }
  for (const figure of figures) {
    if (pictures.has(figure.querySelector("[data-plot]"))) continue;
    const picture = new Picture(figure);
    pictures.set(picture.plot, picture);
    watcher.observe(picture.plot);
  }
}

document.addEventListener("pictures", start);
start();
