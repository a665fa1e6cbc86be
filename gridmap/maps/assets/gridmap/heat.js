// The month's heat map: grids by class or the density surface, one reading box, a ranking that leads to its grid.
(function () {
  "use strict";
  var el = gridmap.el;

  gridmap.heat = function (map, data) {
    var words = data.words, mode = "grid", byCode = {}, fixed = null;
    gridmap.prepare(map, data);
    var town = gridmap.backdrop(map, data);
    var surface = data.surface && L.imageOverlay(data.surface.url, data.surface.bounds,
      { pane: "surface", interactive: false, className: "surface" });
    var box = el("div", { class: "reading", "aria-live": "polite" }, words.hover);
    map.getContainer().parentNode.append(box);
    if (data.empty) map.getContainer().parentNode.append(el("div", { class: "empty" }, words.no_reports));

    var masked = gridmap.hatching("masked", data.styles.zero, data.styles.masked);
    function known(value) { return value === null ? words.masked : value; }
    function look(feature) {
      var counted = mode === "grid";
      return { color: counted ? "#6b6257" : "#4c5563", weight: counted ? 1 : 1.2, opacity: counted ? 0.75 : 0.8,
        fillColor: feature.properties.count === null ? masked : feature.properties.fill,
        fillOpacity: counted ? (feature.properties.count === 0 ? 0.62 : 0.86) : 0, lineJoin: "round" };
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
      box.replaceChildren(el("h2", {}, p.name), el("p", {}, [p.community, p.community ? " · " : "", p.code]), el("dl", {}, [
        el("dt", {}, words.count), el("dd", {}, known(p.count)),
        el("dt", {}, words.previous), el("dd", {}, known(p.previous) + " (" + p.change + ")"),
        el("dt", {}, words.density_short), el("dd", {}, p.density === null ? words.masked : p.density + " " + words.per_km2)]));
    }
    function rest() { ring.clearLayers(); box.replaceChildren(words.hover); }
    function fix(layer) { fixed = layer === fixed ? null : layer; if (fixed) read(fixed); else rest(); }
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
      labels.push({ at: p.at, text: p.short, size: 11.5, rank: 3, from: 14, group: "name", reach: 16, style: "name-grid" });
    });
    var writer = gridmap.labels(map, labels, function (label) {
      return label.group === "count" ? mode === "grid" : label.group === "name" ? mode === "density" : true;
    });

    function show(next) {
      mode = next;
      grids.setStyle(look);
      if (surface) { if (mode === "density") surface.addTo(map); else surface.remove(); }
      document.querySelectorAll("section[data-mode]").forEach(function (section) { section.hidden = section.dataset.mode !== mode; });
      writer.refresh();
    }
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
    var menu = document.getElementById("category");
    if (menu) menu.addEventListener("change", function () { window.location.assign(menu.value); });
  };
})();
