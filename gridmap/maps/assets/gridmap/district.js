// The district map: areas of every kind, places by kind, switches, details, search.
(function () {
  "use strict";
  var el = gridmap.el;

  gridmap.district = function (map, data) {
    var words = data.words, styles = data.styles, on = {}, groups = {};
    gridmap.prepare(map, data);
    var town = gridmap.backdrop(map, data);
    groups.backdrop = town.group;
    var chosen = L.geoJSON(null, { interactive: false, style: { color: "#0b5fff", weight: 4, fillOpacity: 0.08 } }).addTo(map);

    function rows(kind, p) {
      var held = Object.keys(chiefs.states).filter(function (post) {
        return chiefs.on[post] === kind && chiefs.states[post][p.code] !== undefined;
      }).map(function (post) { return [post, word(chiefs.states[post][p.code])]; });
      return [["code", p.code]].concat(p.within ? [["parent", p.within]] : [], p.rows, held);
    }
    function open(kind, feature, latlng) {
      chosen.clearLayers();
      chosen.addData(feature);
      L.popup({ minWidth: 205, maxWidth: 260, autoPanPadding: [16, 16] }).setLatLng(latlng || feature.properties.at)
        .setContent(gridmap.details(words, feature.properties.name, words[kind], rows(kind, feature.properties)))
        .openOn(map);
    }
    map.on("popupclose", function () { chosen.clearLayers(); });

    var LOOK = {
      community: function (f) { return { pane: "tint", color: styles.community, weight: 2.6, opacity: 0.85,
        fillColor: styles.tints[f.properties.tint], fillOpacity: 0.42, lineJoin: "round" }; },
      grid: function () { return { color: styles.grid, weight: 1.1, opacity: 0.9, fillOpacity: 0, lineJoin: "round" }; },
      compound: function () { return { pane: "fine", color: "#8a6d3b", weight: 1.2, dashArray: "3 3", fillColor: "#fff7e0", fillOpacity: 0.35 }; },
      building: function () { return { pane: "fine", color: styles.casing.building, weight: 0.8, fillColor: styles.backdrop.building, fillOpacity: 0.9 }; }
    };
    LOOK.subdistrict = LOOK.community; // only where there are too many communities to draw
    var FROM = { compound: 15, building: 16 };
    var fills = { community: [13, 16], compound: [16, 18] };
    function areas(kind) {
      var layer = L.geoJSON(data.areas[kind] || null, {
        style: LOOK[kind],
        onEachFeature: function (feature, shape) {
          shape.on("click", function (event) { L.DomEvent.stop(event); open(kind, feature, event.latlng); });
        }
      });
      groups[kind] = layer;
      return layer;
    }
    ["subdistrict", "community", "building", "compound", "grid"].forEach(areas);
    // Where chiefs are: one post at a time, in a pane over the tints; what is vacant is drawn last, so on top.
    var chiefs = data.chiefs || { states: {}, looks: [], on: {} };
    map.createPane("chiefs").style.zIndex = 360;
    Object.keys(chiefs.states).forEach(function (post) {
      var states = chiefs.states[post], kind = chiefs.on[post], layer = L.featureGroup();
      [2, 1, 0].forEach(function (state) {
        var found = ((data.areas[kind] || {}).features || []).filter(function (f) { return states[f.properties.code] === state; });
        L.geoJSON({ type: "FeatureCollection", features: found }, {
          pane: "chiefs",
          style: { pane: "chiefs", color: chiefs.looks[state], weight: state ? 0.6 : 1, opacity: 0.9,
            fillColor: chiefs.looks[state], fillOpacity: state === 2 ? 0.38 : 0.62 },
          onEachFeature: function (feature, shape) {
            shape.on("click", function (event) { L.DomEvent.stop(event); open(kind, feature, event.latlng); });
          }
        }).addTo(layer);
      });
      groups["chiefs:" + post] = layer;
    });
    function word(state) { return words[["vacant", "partly", "held"][state]]; }

    function visible(kind) { return on[kind] && map.getZoom() >= (FROM[kind] || 0); }

    var marks = gridmap.placeMarks(map, data, 15);
    data.kinds.forEach(function (kind) { groups["place:" + kind.kind] = marks.group(kind.kind); });

    var labels = town.labels.map(function (label) { return Object.assign(label, { group: "backdrop" }); });
    function label(kind, style, size, rank, from, until, text) {
      ((data.areas[kind] || {}).features || []).forEach(function (f) {
        labels.push({ at: f.properties.at, text: text ? text(f.properties) : f.properties.name, style: style, size: size,
          rank: rank, from: from, until: until, group: kind, must: kind === "community",
          reach: kind === "community" ? 22 : from < 16 ? 16 : 34 });
      });
    }
    label("subdistrict", "name-community", 14, 1, 10, 16);
    label("community", "name-community", 15, 1, 12, 16);
    label("grid", "name-grid", 11.5, 2, 14, 16, function (p) { return p.short; });
    label("grid", "name-grid", 12.5, 2, 16);
    label("compound", "name-compound", 11.5, 3, 16);
    var writer = gridmap.labels(map, labels, function (l) { return on.labels && on[l.group]; }, marks.boxes);

    function sync() {
      Object.keys(groups).forEach(function (name) {
        var want = FROM[name] ? visible(name) : on[name];
        if (want && !map.hasLayer(groups[name])) map.addLayer(groups[name]);
        if (!want && map.hasLayer(groups[name])) map.removeLayer(groups[name]);
      });
      marks.arrange();
      ["community", "grid"].forEach(function (name) { if (map.hasLayer(groups[name])) groups[name].bringToFront(); });
      if (on.community && groups.community.getLayers().length) {
        var quiet = Object.keys(chiefs.states).some(function (post) { return on["chiefs:" + post]; });
        groups.community.setStyle({ fillOpacity: quiet ? 0.06 : map.getZoom() >= 16 ? 0.18 : 0.42 });
      }
      writer.refresh();
    }
    function switcher(box) {
      on[box.value] = box.checked;
      box.addEventListener("change", function () {
        on[box.value] = box.checked;
        if (box.checked && "chiefs" in box.dataset) boxes.forEach(function (other) { // one post at a time
          if (other !== box && "chiefs" in other.dataset) on[other.value] = other.checked = false;
        });
        sync();
      });
    }
    var boxes = Array.prototype.slice.call(document.querySelectorAll("input[data-layer]"));
    boxes.forEach(switcher);
    Array.prototype.forEach.call(document.querySelectorAll("button[data-all]"), function (button) {
      button.addEventListener("click", function () {
        boxes.forEach(function (box) {
          if (box.value.indexOf("place:") === 0) on[box.value] = box.checked = button.dataset.all === "on";
        });
        sync();
      });
    });
    map.on("zoomend", sync);
    sync();

    var entries = [];
    ["grid", "community", "compound", "subdistrict"].filter(function (kind) { return kind in on; }).forEach(function (kind) {
      ((data.areas[kind] || {}).features || []).forEach(function (feature) {
        var p = feature.properties;
        entries.push({ name: p.name, code: p.code, over: [words[kind], p.within].filter(Boolean).join(" · "), go: function () {
          gridmap.closeDrawer();
          map.fitBounds(L.geoJSON(feature).getBounds(), { maxZoom: 17, padding: [60, 60], animate: false });
          open(kind, feature);
        } });
      });
    });
    var input = document.getElementById("search");
    if (input) gridmap.search(input, document.getElementById("results"), words, entries);
  };
})();
