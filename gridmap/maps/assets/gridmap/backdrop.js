// The town beneath the grids (river, hills, roads with casings, buildings) and labels that keep out of each other's way.
(function () {
  "use strict";
  var el = gridmap.el;
  var WIDTH = { main_road: 22, road: 13, lane: 7, railway: 4, river: 30, water: 12 }; // metres on the ground
  var LEAST = { main_road: 2.6, road: 1.4, lane: 0.5, railway: 1.2, river: 2.5, water: 1 }; // pixels
  var ORDER = ["hill", "green", "square", "water", "river"];
  // where a label may stand when its place is taken, in pixels rightwards and downwards
  var SHIFTS = [[0, 0]].concat([10, 16, 22, 34].reduce(function (all, far) {
    return all.concat([[0, -far], [0, far], [far, 0], [-far, 0], [far, -far], [-far, -far], [far, far], [-far, far]]);
  }, []));
  var SPACING = { "name-water": 0.25, "name-hill": 0.1, "name-community": 0.08 }; // letter-spacing of the style sheet, em
  var ROADS = ["lane", "road", "main_road"];

  gridmap.backdrop = function (map, data) {
    var canvas = L.canvas({ pane: "backdrop", padding: 0.4 });
    var lines = [], group = L.layerGroup();
    function draw(feature, options) {
      var layer = L.geoJSON(feature.geometry, { interactive: false, pane: "backdrop", style:
        Object.assign({ renderer: canvas, interactive: false }, options) });
      group.addLayer(layer);
      return layer;
    }
    function areal(feature) { return /Polygon$/.test(feature.geometry.type); }
    function line(feature, options, extra) {
      lines.push({ layer: draw(feature, Object.assign({ fill: false, lineCap: "round", lineJoin: "round" }, options)),
        kind: feature.kind, extra: extra });
    }
    function of(kind) { return data.backdrop.filter(function (f) { return f.kind === kind; }); }
    ORDER.forEach(function (kind) {
      of(kind).forEach(function (f) {
        var colour = data.styles.backdrop[kind];
        if (areal(f)) draw(f, { stroke: kind === "river" || kind === "water", color: "#8fbcd6", weight: 0.8,
          fillColor: colour, fillOpacity: 1 });
        else line(f, { color: colour }, 0);
      });
    });
    ROADS.forEach(function (kind) {
      of(kind).forEach(function (f) { if (!areal(f)) line(f, { color: data.styles.casing[kind] }, 1.6); });
    });
    ROADS.forEach(function (kind) {
      of(kind).forEach(function (f) { if (!areal(f)) line(f, { color: data.styles.backdrop[kind] }, 0); });
    });
    of("railway").forEach(function (f) {
      line(f, { color: data.styles.backdrop.railway }, 0);
      draw(f, { color: "#ffffff", weight: 1.1, dashArray: "7 7", fill: false });
    });
    function widths() {
      var centre = map.getCenter();
      var metres = 40075016.7 * Math.cos(centre.lat * Math.PI / 180) / (256 * Math.pow(2, map.getZoom()));
      lines.forEach(function (entry) {
        var width = Math.max(LEAST[entry.kind] || 1, (WIDTH[entry.kind] || 5) / metres);
        entry.layer.setStyle({ weight: width + entry.extra });
      });
    }
    map.on("zoomend", widths);
    widths();
    group.addTo(map);
    return { group: group, labels: data.backdrop.filter(function (f) { return f.label; }).map(function (f) {
      var water = f.kind === "river" || f.kind === "water";
      return { at: [f.label[0], f.label[1]], turn: f.label[2], text: f.name, rank: f.kind === "main_road" || water ? 4 : 6,
        style: "name-" + (water ? "water" : f.kind === "hill" || f.kind === "green" ? "hill" : "road"),
        from: water || f.kind === "main_road" || f.kind === "hill" ? 13 : f.kind === "lane" ? 17 : 15, size: 12 };
    }) };
  };

  // labels: [{at: [lat, lon], text, style, size, rank (low first), from (zoom), until?, turn?, group?, reach? (pixels it may move),
  // must? (written even over symbols, over as few as can be)}]
  gridmap.labels = function (map, labels, shown, obstacles) {
    var layer = L.layerGroup().addTo(map);
    function box(label, point) {
      var width = 0, i;
      for (i = 0; i < label.text.length; i++) width += (label.text.charCodeAt(i) > 255 ? 1.02 : 0.58) + (SPACING[label.style] || 0);
      width = width * label.size + 2; // the halo
      var turn = (label.turn || 0) * Math.PI / 180, height = label.size * 1.2;
      var across = Math.abs(width * Math.cos(turn)) + Math.abs(height * Math.sin(turn));
      var down = Math.abs(width * Math.sin(turn)) + Math.abs(height * Math.cos(turn));
      return [point.x - across / 2, point.y - down / 2, point.x + across / 2, point.y + down / 2];
    }
    function meets(a, b) { return a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3]; }
    function write(label, shift) {
      var turn = label.turn || 0, upright = Math.abs(turn) > 50 && label.text.charCodeAt(0) > 255; // Han are stacked
      if (upright) turn -= turn > 0 ? 90 : -90;
      var text = el("span", { class: "map-label " + label.style + (upright ? " upright" : ""), style: { fontSize: label.size + "px",
        transform: "translate(calc(-50% + " + shift[0] + "px), calc(-50% + " + shift[1] + "px)) rotate(" + turn + "deg)" } }, label.text);
      L.marker(label.at, { pane: "labels", interactive: false, keyboard: false,
        icon: L.divIcon({ className: "map-label-anchor", iconSize: [0, 0], html: text }) }).addTo(layer);
    }
    function place() {
      var zoom = map.getZoom(), view = map.getBounds().pad(0.1), symbols = obstacles ? obstacles() : [], taken = [];
      layer.clearLayers();
      labels.filter(function (label) {
        return zoom >= label.from && zoom < (label.until || 99) && view.contains(label.at) && (!shown || shown(label));
      }).sort(function (a, b) { return a.rank - b.rank; }).forEach(function (label) {
        var point = map.latLngToContainerPoint(label.at), best = null;
        (label.turn ? [[0, 0]] : SHIFTS).some(function (shift) {
          var own = box(label, point.add(shift));
          var hits = function (other) { return meets(own, other); };
          if (Math.max(Math.abs(shift[0]), Math.abs(shift[1])) > (label.reach === undefined ? 34 : label.reach) || taken.some(hits)) return false;
          var covered = symbols.filter(hits).length;
          if (covered && !label.must) return false;
          if (!best || covered < best.covered) best = { own: own, shift: shift, covered: covered };
          return !covered;
        });
        if (!best) return;
        taken.push(best.own);
        write(label, best.shift);
      });
    }
    map.on("moveend zoomend", place);
    place();
    return { refresh: place };
  };
})();
