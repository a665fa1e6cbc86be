// Symbols of places: dots when far, drawings when near, and what would cover each other stands side by side;
// circles of reach, and discs by capacity.
(function () {
  "use strict";
  var el = gridmap.el, ROW = 4;

  gridmap.reach = function (place, colour) {
    return L.circle(place.at, { radius: place.radius, pane: "fine", interactive: false, color: colour, weight: 1.4,
      opacity: 0.75, fillOpacity: 0.07, dashArray: "5 4" });
  };

  // The disc's area, not its radius, follows the capacity.
  gridmap.discs = function (map, places, kinds) {
    var largest = Math.max.apply(null, places.map(function (place) { return place.capacity; }).concat([1]));
    var discs = places.map(function (place) {
      var colour = kinds[place.kind].colour;
      return [place, L.circleMarker(place.at, { pane: "fine", interactive: false, color: colour, weight: 1.5,
        fillColor: colour, fillOpacity: 0.28 }).addTo(map)];
    });
    function size() {
      var near = Math.min(1.2, Math.max(0.45, (map.getZoom() - 11) / 3));
      discs.forEach(function (pair) { pair[1].setRadius(near * (7 + 28 * Math.sqrt(pair[0].capacity / largest))); });
    }
    map.on("zoomend", size);
    size();
  };

  // from: the zoom at which dots become drawings
  gridmap.placeMarks = function (map, data, from) {
    var kinds = {}, members = {};
    data.kinds.forEach(function (kind) { kinds[kind.kind] = kind; members[kind.kind] = L.layerGroup(); });

    function icon(place, near, shift) {
      var size = near ? 24 : 13;
      return L.divIcon({ className: near ? "place" : "place far", iconSize: [size, size],
        iconAnchor: [size / 2 - shift[0], size / 2 - shift[1]], popupAnchor: [shift[0], shift[1] - size / 2],
        html: near ? gridmap.symbol(kinds[place.kind], size) : el("i", { style: { background: kinds[place.kind].colour } }) });
    }
    var boxes = [];
    // Neighbours closer than a symbol's width on the screen share a spot and stand around its first one in rows.
    function arrange() {
      var near = map.getZoom() >= from, pitch = near ? 26 : 14, reach = near ? 20 : 4, spots = [];
      boxes = [];
      data.places.forEach(function (place) {
        if (!map.hasLayer(members[place.kind])) return;
        var point = map.project(place.at, map.getZoom());
        var spot = spots.find(function (other) {
          return Math.abs(other.at.x - point.x) < reach && Math.abs(other.at.y - point.y) < reach;
        });
        if (!spot) spots.push(spot = { at: point, all: [] });
        spot.all.push([place, point]);
      });
      spots.forEach(function (spot) {
        var rows = Math.ceil(spot.all.length / ROW);
        spot.all.forEach(function (pair, i) {
          var row = Math.floor(i / ROW), across = Math.min(ROW, spot.all.length - row * ROW);
          var shift = spot.all.length === 1 ? [0, 0] : [
            spot.at.x - pair[1].x + (i % ROW - (across - 1) / 2) * pitch, spot.at.y - pair[1].y + (row - (rows - 1) / 2) * pitch];
          pair[0].marker.setIcon(icon(pair[0], near, shift));
          boxes.push([L.latLng(pair[0].at), shift, near ? 13 : 7]);
        });
      });
    }
    data.places.forEach(function (place) {
      place.marker = L.marker(place.at, { icon: icon(place, false, [0, 0]), title: place.name, alt: place.name, riseOnHover: true });
      place.marker.bindPopup(function () {
        return gridmap.details(data.words, place.name, kinds[place.kind].name, place.rows.slice(1));
      }, { minWidth: 205, maxWidth: 260 });
      members[place.kind].addLayer(place.marker);
      if (place.geometry) members[place.kind].addLayer(L.geoJSON(place.geometry, { interactive: false,
        style: { color: kinds[place.kind].colour, weight: 1.5, fillOpacity: 0.15 } }));
    });
    map.on("zoomend", arrange);
    // Where symbols stand on the screen now, for labels to keep clear of: [left, top, right, bottom].
    function taken() {
      return boxes.map(function (box) {
        var point = map.latLngToContainerPoint(box[0]), x = point.x + box[1][0], y = point.y + box[1][1];
        return [x - box[2], y - box[2], x + box[2], y + box[2]];
      });
    }
    return { group: function (kind) { return members[kind]; }, arrange: arrange, boxes: taken };
  };
})();
