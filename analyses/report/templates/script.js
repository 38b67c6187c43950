"use strict";
(() => {
  const element = (name, attributes = {}, text = null) => {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    if (text !== null) made.textContent = text;
    return made;
  };
  const shape = (svg, name, className) => {
    const made = document.createElementNS(svg.namespaceURI, name);
    made.setAttribute("class", className);
    made.setAttribute("aria-hidden", "true");
    return made;
  };

  // What is read out of a figure: its unit, and what `n` counts.
  const KINDS = {
    proportion: { unit: "%", n: "At risk" },
    score: { unit: "mean", n: "Forms" },
    hazard: { unit: "a person-year", n: "At risk" },
    count: { unit: "a person", n: "At risk" },
  };

  function show(value, kind, scale) {
    if (value === null || value === undefined) return "–";
    const text = kind === "proportion" ? (value * 100).toFixed(1) : value.toFixed(kind === "hazard" ? 3 : scale);
    return text.replace("-", "−");
  }

  function readable(figure) {
    const data = JSON.parse(figure.querySelector("script").textContent);
    const svg = figure.querySelector("svg");
    const readout = figure.querySelector(".readout");
    const [, , width, height] = svg.getAttribute("viewBox").split(" ").map(Number);
    const last = data.positions.length - 1;
    const many = data.panels.length > 1;
    const digits = data.panels.some((p) => p.y[1] <= 1.6) ? 2 : 1;
    const { unit, n: counted } = KINDS[data.kind];
    const tint = (series) => series.tint ?? `var(--series-${series.colour})`;

    const label = element("label");
    const slider = element("input", { type: "range", min: 0, max: last, step: 1, value: 0 });
    const at = element("span", { class: "at", "aria-hidden": "true" });
    const what = data.unit === "visit" ? "Visit" : "Time";
    slider.setAttribute("aria-label", `${what} to read values at`);
    label.append(at, slider);

    const table = element("table");
    table.append(element("caption", {}, "Values at the chosen time"));
    const head = element("tr");
    const titles = [many ? "Curve" : "Group", `${data.value} (${unit})`, "95% CI", counted];
    titles.forEach((title, i) => head.append(element("th", { scope: "col", class: i ? "number" : "" }, title)));
    const thead = element("thead");
    thead.append(head);
    const bodies = [];
    const rows = data.series.map((series) => {
      if (!bodies.length || (many && bodies.at(-1).panel !== series.panel)) {
        const body = element("tbody");
        bodies.push({ body, panel: series.panel });
        if (many) {
          const group = element("tr", { class: "group" });
          group.append(element("th", { scope: "rowgroup", colspan: 4 }, data.panels[series.panel].title));
          body.append(group);
        }
      }
      const { body } = bodies.at(-1);
      const row = element("tr");
      const name = element("th", { scope: "row" });
      const swatch = element("span", { class: "swatch" });
      swatch.style.background = tint(series);
      name.append(swatch, series.name);
      const cells = [0, 1, 2].map(() => element("td", { class: "number" }));
      row.append(name, ...cells);
      body.append(row);
      return cells;
    });
    table.append(thead, ...bodies.map(({ body }) => body));
    const box = element("div", { class: "scroll" });
    box.append(table);
    readout.append(label, box);
    readout.hidden = false;

    const guides = data.panels.map((panel) => {
      const line = shape(svg, "line", "guide");
      line.setAttribute("y1", panel.box[1] * height);
      line.setAttribute("y2", panel.box[3] * height);
      svg.append(line);
      return line;
    });
    const dots = data.series.map((series) => {
      const dot = shape(svg, "circle", "dot");
      dot.setAttribute("r", 3.2);
      dot.style.fill = tint(series);
      svg.append(dot);
      return dot;
    });

    function move(index) {
      const share = data.positions[index];
      at.textContent = data.labels[index];
      slider.setAttribute("aria-valuetext", [data.labels[index], ...data.series.map((s) => `${s.name} ${show(s.value[index], data.kind, digits)}`)].join("; "));
      data.panels.forEach((panel, i) => {
        const x = (panel.box[0] + share * (panel.box[2] - panel.box[0])) * width;
        guides[i].setAttribute("x1", x);
        guides[i].setAttribute("x2", x);
      });
      data.series.forEach((series, i) => {
        const panel = data.panels[series.panel];
        const value = series.value[index];
        const [low, high] = panel.y;
        const height = series.drawn ? series.drawn[index] : value;
        const up = (height - low) / (high - low);
        dots[i].setAttribute("visibility", height === null || up < 0 || up > 1 ? "hidden" : "visible");
        dots[i].setAttribute("cx", (panel.box[0] + share * (panel.box[2] - panel.box[0])) * width);
        dots[i].setAttribute("cy", (panel.box[3] - up * (panel.box[3] - panel.box[1])) * height);
        const limits = [series.lower[index], series.upper[index]].map((v) => show(v, data.kind, digits));
        rows[i][0].textContent = show(value, data.kind, digits);
        rows[i][1].textContent = limits.includes("–") ? "–" : limits.join(" to ");
        rows[i][2].textContent = series.n[index] ?? "–";
      });
    }

    function nearest(event) {
      const frame = svg.getBoundingClientRect();
      const x = (event.clientX - frame.left) / frame.width;
      const panel = data.panels.find((p) => x >= p.box[0] - 0.01 && x <= p.box[2] + 0.01);
      if (!panel) return null;
      const share = (x - panel.box[0]) / (panel.box[2] - panel.box[0]);
      let best = 0;
      data.positions.forEach((p, i) => {
        if (Math.abs(p - share) < Math.abs(data.positions[best] - share)) best = i;
      });
      return best;
    }

    const wake = () => svg.classList.remove("idle");
    const follow = (event) => {
      const index = nearest(event);
      if (index !== null) {
        wake();
        slider.value = index;
        move(index);
      }
    };
    svg.addEventListener("pointermove", follow);
    svg.addEventListener("pointerdown", follow);
    slider.addEventListener("input", () => {
      wake();
      move(Number(slider.value));
    });
    svg.classList.add("idle");
    move(0);
  }

  function filterable(table) {
    const label = element("label", { class: "filter" }, "Show rows with");
    const input = element("input", { type: "search" });
    label.append(input);
    table.closest(".scroll").before(label);
    input.addEventListener("input", () => {
      const wanted = input.value.trim().toLowerCase();
      for (const row of table.tBodies[0].rows) row.hidden = !row.textContent.toLowerCase().includes(wanted);
    });
  }

  document.querySelectorAll("figure.readable").forEach(readable);
  document.querySelectorAll("table[data-filter]").forEach(filterable);

  // Paper cannot be clicked: what is folded is opened for printing, and folded again after it. Long
  // tables stay folded: nobody reads them on paper, and the release has them as files.
  const longest = 30;
  let folded = [];
  addEventListener("beforeprint", () => {
    folded = [...document.querySelectorAll("main details:not([open])")].filter(
      (details) => "printed" in details.dataset || details.querySelectorAll("tbody tr").length <= longest,
    );
    folded.forEach((details) => { details.open = true; });
  });
  addEventListener("afterprint", () => folded.forEach((details) => { details.open = false; }));
  const contents = document.querySelector(".contents details");
  if (contents && matchMedia("(max-width: 1079px)").matches) contents.open = false;
})();
