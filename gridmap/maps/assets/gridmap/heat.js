// The month's heat map: grids by class or the density surface, one reading box, a ranking that leads to its grid.
(function () {
  "use strict";
  var el = gridmap.el;

  gridmap.heat = function (map, data) {
    var words = data.words, mode = "grid", byCode = {}, fixed = null, days = null;
    gridmap.prepare(map, data);
    var town = gridmap.backdrop(map, data);
    var surface = data.surface && L.imageOverlay(data.surface.url, data.surface.bounds,
      { pane: "surface", interactive: false, className: "surface" });
    var box = el("div", { class: "reading", "aria-live": "polite" }, words.hover);
    map.getContainer().parentNode.append(box);
    if (data.empty) map.getContainer().parentNode.append(el("div", { class: "empty" }, words.no_reports));

    var masked = gridmap.hatching("masked", data.styles.zero, data.styles.masked);
    function known(value) { return value === null ? words.masked : value; }
    var cold = gridmap.hatching("cold", data.styles.cold, data.styles.cold_line);
    var signs = { "1": { fill: data.styles.hot, opacity: 0.86 }, "-1": { fill: cold, opacity: 0.86 }, "0": { fill: data.styles.zero, opacity: 0.62 } };
    function classed(count) { return data.limits.filter(function (limit) { return count >= limit; }).length; }
    function look(feature) {
      var p = feature.properties, line = { color: "#6b6257", weight: 1, opacity: 0.75, lineJoin: "round" };
      if (mode === "density") return Object.assign(line, { color: "#4c5563", weight: 1.2, opacity: 0.8, fillOpacity: 0 });
      if (mode === "star") {
        var sign = signs[String(p.star)];
        return Object.assign(line, { fillColor: sign ? sign.fill : data.styles.zero, fillOpacity: sign ? sign.opacity : 0.25 });
      }
      var count = days ? days[p.code] || 0 : p.count;
      return Object.assign(line, { fillColor: count === null ? masked : days ? data.ramp[classed(count)] : p.fill,
        fillOpacity: count === 0 ? 0.62 : 0.86 });
    }
    var grids = L.geoJSON(data.grids, { style: look, onEachFeature: function (feature, layer) {
      byCode[feature.properties.code] = layer;
      layer.on("mouseover", function () { if (!fixed) read(layer); });
      layer.on("mouseout", function () { if (!fixed) rest(); });
      layer.on("click", function (event) { L.DomEvent.stop(event); fix(layer); });
    } }).addTo(map);
    var ring = L.geoJSON(null, { interactive: false, pane: "border", style: { color: "#0b5fff", weight: 3.5, fill: false } }).addTo(map);

    function read(layer) {
      var p = layer.feature.properties;
      ring.clearLayers();
      ring.addData(layer.feature);
      box.replaceChildren(el("h2", {}, p.name), el("p", {}, [p.community, p.community ? " · " : "", p.code]),
        el("dl", {}, rows(p).reduce(function (all, row) { return all.concat(el("dt", {}, row[0]), el("dd", {}, row[1])); }, [])));
    }
    function rows(p) {
      if (mode !== "star") return [[words.count, known(p.count)], [words.previous, known(p.previous) + " (" + p.change + ")"],
        [words.density_short, p.density === null ? words.masked : p.density + " " + words.per_km2]];
      var star = p.star === null ? words.star_untested : p.star > 0 ? words.star_hot : p.star < 0 ? words.star_cold : words.star_none;
      var told = [[words.star_legend, (p.sign ? p.sign + " " : "") + star], [words.count, known(p.count)]];
      return p.star === null ? told : told.concat([[words.tested_count, p.tested], [words.expected, p.expected], [words.z, p.z], [words.q, p.q]]);
    }
    function rest() { ring.clearLayers(); box.replaceChildren(words.hover); }
    function again() { if (fixed) read(fixed); else rest(); }
    function fix(layer) { fixed = layer === fixed ? null : layer; again(); }
    map.on("click", function () { fixed = null; rest(); });

    data.piles.forEach(function (pile) {
      L.marker(pile.at, { keyboard: false, title: words.piles, icon: L.divIcon({ className: "pile", iconSize: [30, 30],
        html: el("span", { class: pile.label.length > 3 ? "long" : "" }, pile.label) }) }).addTo(map);
    });

    var labels = town.labels.map(function (label) { return Object.assign(label, { rank: label.rank + 5, from: label.from + 1 }); });
    data.grids.features.forEach(function (f) {
      var p = f.properties;
      if (p.count) labels.push({ at: p.at, text: p.label, size: 13, rank: 1, from: 13, group: "count", reach: 10,
        style: "count-label " + p.ink });
      if (p.sign) labels.push({ at: p.at, text: p.sign, size: 15, rank: 0, from: 11, group: "star", reach: 10, style: "star-label" });
      labels.push({ at: p.at, text: p.short, size: 11.5, rank: 3, from: 14, group: "name", reach: 16, style: "name-grid" });
    });
    var writer = gridmap.labels(map, labels, function (label) {
      return label.group === "count" ? mode === "grid" && !days : label.group === "star" ? mode === "star"
        : label.group === "name" ? mode !== "grid" : true;
    });

    function show(next) {
      mode = next;
      grids.setStyle(look);
      if (surface) { if (mode === "density") surface.addTo(map); else surface.remove(); }
      document.querySelectorAll("section[data-mode]").forEach(function (section) { section.hidden = section.dataset.mode.split(" ").indexOf(mode) < 0; });
      writer.refresh();
      again();
      if (player) player.show(mode === "grid");
    }
    var player = data.daily && !data.empty ? gridmap.player(map, data, function (counts) { days = counts; grids.setStyle(look); writer.refresh(); }) : null;
    document.querySelectorAll("input[name=mode]").forEach(function (input) {
      if (window.location.hash === "#" + input.value) input.checked = true; // as it was before the page was asked anew
    });
    document.querySelectorAll("input[name=mode]").forEach(function (input) {
      input.addEventListener("change", function () { show(input.value); });
      if (input.checked) show(input.value);
    });
    document.querySelectorAll(".ranking tr[data-code]").forEach(function (row) {
      function go() {
        var layer = byCode[row.dataset.code];
        fixed = layer;
        read(layer);
        map.fitBounds(layer.getBounds(), { maxZoom: 15, padding: [70, 70], animate: false });
        map.getContainer().scrollIntoView({ block: "nearest" });
      }
      row.addEventListener("click", go);
      row.addEventListener("keydown", function (event) { if (event.key === "Enter") go(); });
    });
    document.querySelectorAll("input[name=include]").forEach(function (input, _, all) {
      input.addEventListener("change", function () {
        var url = new URL(window.location.href), asked = Array.prototype.filter.call(all, function (one) { return one.checked; });
        url.searchParams.delete("include");
        if (asked.length) url.searchParams.set("include", asked.map(function (one) { return one.value; }).join(","));
        url.hash = mode;
        window.location.assign(url);
      });
    });
    var menu = document.getElementById("category");
    if (menu) menu.addEventListener("change", function () { window.location.assign(menu.value); });
  };
})();
