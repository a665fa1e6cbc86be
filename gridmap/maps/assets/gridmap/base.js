// What every gridmap page needs: elements without innerHTML, details, panels, borders, basemap, search.
var gridmap = (function () {
  "use strict";

  // Text from data only ever goes through here, as a text node.
  function el(tag, attributes, children) {
    var node = document.createElement(tag);
    Object.keys(attributes || {}).forEach(function (key) {
      if (key === "style") Object.assign(node.style, attributes.style);
      else if (key.slice(0, 2) === "on") node.addEventListener(key.slice(2), attributes[key]);
      else if (attributes[key] !== null && attributes[key] !== false) node.setAttribute(key, attributes[key]);
    });
    [].concat(children === undefined ? [] : children).forEach(function (child) {
      node.append(typeof child === "object" ? child : String(child));
    });
    return node;
  }

  function symbol(kind, size) {
    var ns = "http://www.w3.org/2000/svg";
    var svg = document.createElementNS(ns, "svg");
    var box = document.createElementNS(ns, "rect");
    var path = document.createElementNS(ns, "path");
    svg.setAttribute("viewBox", "0 0 24 24");
    svg.setAttribute("width", size);
    svg.setAttribute("height", size);
    svg.setAttribute("class", "symbol");
    svg.setAttribute("aria-hidden", "true");
    [["x", 0.75], ["y", 0.75], ["width", 22.5], ["height", 22.5], ["rx", 6], ["fill", kind.colour]].forEach(
      function (pair) { box.setAttribute(pair[0], pair[1]); });
    path.setAttribute("d", kind.path);
    path.setAttribute("class", "stroke");
    svg.append(box, path);
    return svg;
  }

  // A fill of slanting lines, by its address: told apart without colour.
  function hatching(id, ground, line) {
    var ns = "http://www.w3.org/2000/svg";
    function make(tag, attributes, parent) {
      var node = document.createElementNS(ns, tag);
      Object.keys(attributes).forEach(function (key) { node.setAttribute(key, attributes[key]); });
      parent.append(node);
      return node;
    }
    var svg = make("svg", { width: 0, height: 0, "aria-hidden": "true", class: "apart" }, document.body);
    var pattern = make("pattern", { id: id, width: 7, height: 7, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" }, svg);
    make("rect", { width: 7, height: 7, fill: ground }, pattern);
    make("rect", { width: 2, height: 7, fill: line }, pattern);
    return "url(#" + id + ")";
  }

  function details(words, title, over, rows) {
    return el("div", { class: "details" }, [
      over ? el("p", { class: "over" }, over) : "",
      el("h2", {}, title),
      el("dl", {}, rows.reduce(function (all, row) {
        return all.concat(el("dt", {}, words[row[0]] || row[0]), el("dd", {}, row[1]));
      }, []))
    ]);
  }

  function prepare(map, data) {
    map.createPane("backdrop").style.zIndex = 210;
    map.createPane("surface").style.zIndex = 250;
    map.createPane("tint").style.zIndex = 300;
    map.getPane("tint").classList.add("tint-pane");
    map.createPane("veil").style.zIndex = 290;
    map.getPane("veil").style.pointerEvents = "none";
    map.createPane("border").style.zIndex = 450;
    map.getPane("border").style.pointerEvents = "none";
    map.createPane("fine").style.zIndex = 340;
    map.createPane("labels").style.zIndex = 620;
    map.getPane("labels").style.pointerEvents = "none";
    map.getPane("backdrop").style.pointerEvents = "none";
    if (data.bounds) map.fitBounds(data.bounds, { padding: [14, 14] });
    L.control.zoom({ position: "bottomright", zoomInTitle: data.words.zoom_in, zoomOutTitle: data.words.zoom_out })
      .addTo(map);
    whole(map, data);
    L.control.scale({ imperial: false, position: "bottomleft" }).addTo(map);
    (data.basemap ? data.basemap.urls : []).forEach(function (url) {
      L.tileLayer(url, { maxNativeZoom: data.basemap.max_zoom, maxZoom: 20 }).addTo(map);
    });
    if (data.basemap) credit(map, data.basemap.attribution);
    if (data.mask) veil(map, data);
    if (data.frame && !data.basemap) fade(map, data);
    drawer();
  }

  function whole(map, data) {
    var control = L.control({ position: "bottomright" });
    control.onAdd = function () {
      var link = el("a", { href: "#", role: "button", title: data.words.whole, "aria-label": data.words.whole, class: "whole" });
      L.DomEvent.on(link, "click", function (event) {
        L.DomEvent.stop(event);
        if (data.bounds) map.fitBounds(data.bounds, { padding: [14, 14] });
      });
      return el("div", { class: "leaflet-bar" }, link);
    };
    control.addTo(map);
  }

  // Leaflet's attribution control takes HTML: write it as text instead.
  function credit(map, text) {
    if (!text || !map.attributionControl) return;
    map.attributionControl.getContainer().append(el("span", {}, text));
  }

  // What lies outside the jurisdiction steps back, its border stands out.
  function veil(map, data) {
    var world = [[[-180, -85], [180, -85], [180, 85], [-180, 85], [-180, -85]]];
    var rings = data.mask.type === "Polygon" ? [data.mask.coordinates] : data.mask.coordinates;
    var outside = { type: "Polygon", coordinates: world.concat(rings.map(function (polygon) { return polygon[0]; })) };
    L.geoJSON(outside, { pane: "veil", interactive: false,
      style: { stroke: false, fillColor: data.styles.paper, fillOpacity: 0.55, fillRule: "evenodd" } }).addTo(map);
    [["#ffffff", 7, 0.8, null], [data.styles.subdistrict, 3, 0.95, "14 5 3 5"]].forEach(function (line) {
      L.geoJSON(data.mask, { pane: "border", interactive: false, style: { color: line[0], weight: line[1], opacity: line[2],
        dashArray: line[3], fill: false, lineJoin: "round" } }).addTo(map);
    });
  }

  // The drawing of the town ends somewhere: let it fade out instead of breaking off.
  function fade(map, data) {
    var low = data.frame[0], high = data.frame[1], steps = 10, i;
    var tall = (high[0] - low[0]) * 0.07, wide = (high[1] - low[1]) * 0.07;
    var world = [[-85, -180], [-85, 180], [85, 180], [85, -180]];
    for (i = 0; i < steps; i++) {
      var up = tall * i / steps, in_ = wide * i / steps;
      var hole = [[low[0] + up, low[1] + in_], [low[0] + up, high[1] - in_], [high[0] - up, high[1] - in_], [high[0] - up, low[1] + in_]];
      L.polygon([world, hole], { pane: "veil", interactive: false, stroke: false, fillColor: data.styles.paper,
        fillOpacity: 0.24 }).addTo(map);
    }
  }

  function drawer() {
    var handle = document.querySelector(".drawer-handle");
    if (!handle) return;
    function toggle(open) {
      document.body.classList.toggle("drawer-open", open);
      handle.setAttribute("aria-expanded", String(open));
    }
    handle.addEventListener("click", function () { toggle(!document.body.classList.contains("drawer-open")); });
    document.addEventListener("keydown", function (event) { if (event.key === "Escape") toggle(false); });
    gridmap.closeDrawer = function () { toggle(false); };
  }

  // A combobox: type, arrows, Enter, Escape. entries: [{name, code, over, go}]
  function search(input, list, words, entries) {
    var found = [], current = -1;
    function mark(index) {
      current = index;
      Array.prototype.forEach.call(list.children, function (item, i) {
        item.setAttribute("aria-selected", String(i === index));
        if (i === index) { input.setAttribute("aria-activedescendant", item.id); item.scrollIntoView({ block: "nearest" }); }
      });
    }
    function close() { list.hidden = true; input.setAttribute("aria-expanded", "false"); }
    function choose(index) {
      if (!found[index]) return;
      input.value = found[index].name;
      close();
      input.blur();
      found[index].go();
    }
    function rank(entry, text) {
      var name = entry.name.toLowerCase(), code = entry.code.toLowerCase();
      if (name === text || code === text) return 0;
      if (name.indexOf(text) === 0) return 1;
      if (code.slice(-text.length) === text) return 2;
      return name.indexOf(text) > 0 || code.indexOf(text) >= 0 ? 3 : 9;
    }
    function update() {
      var text = input.value.trim().toLowerCase();
      if (!text) { close(); return; }
      found = entries.map(function (entry) { return [rank(entry, text), entry]; })
        .filter(function (pair) { return pair[0] < 9; })
        .sort(function (a, b) { return a[0] - b[0]; })
        .slice(0, 12).map(function (pair) { return pair[1]; });
      list.replaceChildren.apply(list, found.length ? found.map(function (entry, i) {
        return el("li", { role: "option", id: "found-" + i, onmousedown: function (event) { event.preventDefault(); choose(i); } },
          [el("b", {}, entry.name), el("span", {}, entry.over), el("code", {}, entry.code)]);
      }) : [el("li", { class: "nothing", role: "status" }, words.no_results)]);
      list.hidden = false;
      input.setAttribute("aria-expanded", "true");
      mark(found.length ? 0 : -1);
    }
    input.addEventListener("input", update);
    input.addEventListener("focus", update);
    input.addEventListener("blur", close);
    input.addEventListener("keydown", function (event) {
      if (event.key === "Escape") { input.value = ""; close(); }
      else if (event.key === "Enter") { event.preventDefault(); if (list.hidden) update(); choose(Math.max(current, 0)); }
      else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        if (!found.length) return;
        mark((current + (event.key === "ArrowDown" ? 1 : found.length - 1)) % found.length);
      }
    });
  }

  return { el: el, symbol: symbol, hatching: hatching, details: details, prepare: prepare, search: search, credit: credit,
    closeDrawer: function () {} };
})();
