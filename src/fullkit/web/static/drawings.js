// Draws each JSON specification marked data-drawing into the place before it. Vega runs without eval (its
// interpreter), fetches nothing, and leaves colours to the page.
(function () {
  "use strict";

  const ours = (address) => /^\/(?![\/\\])/.test(address);
  const nothing = {
    load: () => Promise.reject(new Error("nothing is fetched")),
    sanitize: (address) => ours(address) ? Promise.resolve({ href: address }) : Promise.reject(new Error("only links of this house")),
  };

  async function draw(given) {
    given.dataset.drawn = "yes";
    const place = given.previousElementSibling;
    try { await into(place, given); }
    catch (error) { place.textContent = "This chart could not be drawn; its table says the same."; console.error(error); }
  }

  async function into(place, given) {
    const spec = vegaLite.compile(JSON.parse(given.textContent), { logger: vega.logger(vega.Error) }).spec;
    const view = new vega.View(vega.parse(spec, null, { ast: true }), {
      expr: vega.expressionInterpreter, renderer: "svg", container: place, loader: nothing,
      logger: vega.logger(vega.Error), hover: false,
    });
    await view.runAsync();
    place.querySelectorAll("svg").forEach((svg) => svg.setAttribute("aria-hidden", "true"));
  }

  function drawAll() {
    if (typeof vega === "undefined") return;
    const waiting = document.querySelectorAll("[data-drawing]:not([data-drawn])");
    Promise.all(Array.from(waiting, draw)).then(() => { document.documentElement.dataset.drawings = "done"; });
  }

  document.addEventListener("htmx:afterSettle", drawAll);
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", drawAll); else drawAll();
})();
