// Places of one or more kinds: discs by capacity, circles of reach, a list that leads to its place.
(function () {
  "use strict";

  gridmap.places = function (map, data) {
    var kinds = {}, single = data.kinds.length === 1;
    gridmap.prepare(map, data);
    var town = gridmap.backdrop(map, data);
    data.kinds.forEach(function (kind) { kinds[kind.kind] = kind; });
    L.geoJSON(data.areas.community || null, { interactive: false, pane: "fine", style: { color: data.styles.community, weight: 1.6,
      opacity: 0.6, dashArray: "6 4", fill: false } }).addTo(map);

    var sized = [];
    data.places.forEach(function (place) {
      var colour = kinds[place.kind].colour;
      if (place.radius) {
        place.reach = gridmap.reach(place, colour);
        if (single) place.reach.addTo(map); // of many kinds at once the circles would hide the town
      }
      if (single && place.capacity) sized.push(place);
    });
    gridmap.discs(map, sized, kinds);
    var marks = gridmap.placeMarks(map, data, data.places.length <= 20 ? 0 : 15);
    data.kinds.forEach(function (kind) { marks.group(kind.kind).addTo(map); });
    marks.arrange();
    if (!single) data.places.forEach(function (place) {
      if (!place.reach) return;
      place.marker.on("popupopen", function () { place.reach.addTo(map); });
      place.marker.on("popupclose", function () { place.reach.remove(); });
    });

    var labels = town.labels.map(function (label) { return Object.assign(label, { rank: label.rank + 5 }); });
    ((data.areas.community || {}).features || []).forEach(function (f) {
      labels.push({ at: f.properties.at, text: f.properties.name, style: "name-community", size: 13, rank: 4, from: 12, until: 17 });
    });
    gridmap.labels(map, labels, null, marks.boxes);

    Array.prototype.forEach.call(document.querySelectorAll("button[data-place]"), function (button) {
      button.addEventListener("click", function () {
        var place = data.places[Number(button.dataset.place)];
        map.setView(place.at, Math.max(map.getZoom(), 16), { animate: false });
        place.marker.openPopup();
        map.getContainer().scrollIntoView({ block: "nearest" });
      });
    });
  };
})();
