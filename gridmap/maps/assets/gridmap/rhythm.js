// Places of one kind and the reports around them; a week of hours that is read cell by cell.
(function () {
  "use strict";

  gridmap.rhythm = function (map, data) {
    var kinds = {};
    gridmap.prepare(map, data);
    var town = gridmap.backdrop(map, data);
    data.kinds.forEach(function (kind) { kinds[kind.kind] = kind; });
    L.geoJSON(data.areas.community || null, { interactive: false, pane: "fine", style: { color: data.styles.community, weight: 1.6,
      opacity: 0.6, dashArray: "6 4", fill: false } }).addTo(map);

    data.places.forEach(function (place) { gridmap.reach(place, kinds[place.kind].colour).addTo(map); });
    gridmap.discs(map, data.places.filter(function (place) { return place.capacity; }), kinds);
    dots(map, data.dots);
    var marks = gridmap.placeMarks(map, data, data.places.length <= 20 ? 0 : 15);
    data.kinds.forEach(function (kind) { marks.group(kind.kind).addTo(map); });
    marks.arrange();

    var labels = town.labels.map(function (label) { return Object.assign(label, { rank: label.rank + 5 }); });
    ((data.areas.community || {}).features || []).forEach(function (f) {
      labels.push({ at: f.properties.at, text: f.properties.name, style: "name-community", size: 13, rank: 4, from: 12, until: 17 });
    });
    gridmap.labels(map, labels, null, marks.boxes);

    document.querySelectorAll("tr[data-place]").forEach(function (row) {
      function go() {
        var place = data.places[Number(row.dataset.place)];
        map.fitBounds(L.latLng(place.at).toBounds(2.4 * place.radius), { animate: false });
        place.marker.openPopup();
        map.getContainer().scrollIntoView({ block: "nearest" });
      }
      row.addEventListener("click", go);
      row.addEventListener("keydown", function (event) { if (event.key === "Enter") go(); });
    });
    var all = document.querySelector(".all-rows");
    if (all) all.addEventListener("click", function () {
      document.querySelector(".strain").classList.remove("short");
      all.remove();
    });
    var menu = document.getElementById("category");
    if (menu) menu.addEventListener("change", function () { window.location.assign(menu.value); });
    read();
  };

  // Several on one spot make one dot, whose area follows their number.
  function dots(map, all) {
    var drawn = L.canvas({ pane: "border" });
    all.forEach(function (dot) {
      L.circleMarker(dot.at, { renderer: drawn, interactive: false, radius: Math.min(14, 2.6 + 1.5 * Math.sqrt(dot.count)),
        color: "#1d2430", weight: 1.1, fillColor: dot.colour, fillOpacity: 0.95 }).addTo(map);
    });
  }

  // The grid of hours: one cell is in the order of tabs, arrows move it, and what it says stands below.
  function read() {
    var grid = document.querySelector(".clock table"), line = document.querySelector(".cell-reading");
    var rows = [].map.call(grid.tBodies[0].rows, function (row) { return [].slice.call(row.querySelectorAll("td")); });
    var rest = line.textContent, current = grid.querySelector("td[tabindex='0']"), kept = false;
    function cellOf(event) { return event.target.closest("td"); }
    function say(cell) { line.textContent = cell ? cell.title : rest; }
    function move(cell) {
      current.tabIndex = -1;
      current = cell;
      current.tabIndex = 0;
      current.focus();
    }
    grid.addEventListener("mouseover", function (event) { if (cellOf(event)) say(cellOf(event)); });
    grid.addEventListener("mouseleave", function () { say(kept ? current : null); });
    grid.addEventListener("focusin", function (event) { if (cellOf(event)) { kept = true; say(cellOf(event)); } });
    grid.addEventListener("focusout", function () { kept = false; say(null); });
    grid.addEventListener("click", function (event) { if (cellOf(event)) move(cellOf(event)); });
    grid.addEventListener("keydown", function (event) {
      var day = rows.findIndex(function (row) { return row.indexOf(current) >= 0; }), hour = rows[day].indexOf(current);
      var turned = getComputedStyle(grid.parentNode).getPropertyValue("--turned").trim() === "1"; // hours run down
      var step = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0] }[event.key];
      if (event.key === "Home") hour = 0;
      else if (event.key === "End") hour = 23;
      else if (step) { day += step[turned ? 1 : 0]; hour += step[turned ? 0 : 1]; }
      else return;
      event.preventDefault();
      if (rows[day] && rows[day][hour]) move(rows[day][hour]);
    });
  }
})();
