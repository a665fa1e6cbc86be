// The small map of a case: the town around, its grid, its reports with their accuracy; and choosing a new point.
"use strict";
(() => {
  const place = document.getElementById("case-map");
  if (!place) return;
  const data = JSON.parse(document.getElementById("case-map-data").textContent);
  const words = JSON.parse(document.getElementById("case").dataset.words);
  data.words = words;
  const map = L.map(place, { zoomControl: false, zoomSnap: data.basemap ? 1 : 0.25, maxZoom: 20, scrollWheelZoom: false });
  map.attributionControl.setPrefix(false);
  gridmap.prepare(map, data);
  const town = gridmap.backdrop(map, data);
  const quiet = { interactive: false, pane: "fine" };
  if (data.buildings)
    L.geoJSON(data.buildings, { interactive: false, pane: "backdrop", style: { color: data.styles.casing.building, weight: 1,
      fillColor: data.styles.backdrop.building, fillOpacity: 1 } }).addTo(map);
  if (data.compound) L.geoJSON(data.compound, { ...quiet, style: { color: "#8a6d3b", weight: 1.5, dashArray: "4 4", fill: false } }).addTo(map);
  if (data.grid) L.geoJSON(data.grid, { ...quiet, style: { color: data.styles.grid, weight: 2.5, fillColor: "#9b2c23", fillOpacity: 0.05 } }).addTo(map);
  const mark = (text, fresh) => {
    const face = document.createElement("span");
    face.className = "report-mark" + (fresh ? " fresh" : "");
    face.textContent = text;
    return L.divIcon({ className: "", iconSize: [26, 26], html: face });
  };
  for (const report of data.reports) {
    if (report.accuracy) L.circle(report.at, { radius: report.accuracy, interactive: false, color: "#9b2c23", weight: 1.2, fillOpacity: 0.08 }).addTo(map);
    L.marker(report.at, { icon: mark(String(report.number)), interactive: false, keyboard: false }).addTo(map);
  }
  const marks = () => data.reports.map((report) => {
    const at = map.latLngToContainerPoint(report.at);
    return [at.x - 15, at.y - 15, at.x + 15, at.y + 15];
  });
  gridmap.labels(map, town.labels.filter((label) => map.getBounds().pad(1).contains(label.at)), null, marks);

  let fresh = null, take = null;
  const choose = (at) => {
    if (!take) return;
    fresh = fresh || L.marker(at, { icon: mark("?", true), interactive: false, keyboard: false }).addTo(map);
    fresh.setLatLng(at);
    take(Number(at.lat.toFixed(7)), Number(at.lng.toFixed(7)), data.datum);
  };
  map.on("click", (event) => choose(event.latlng));
  // by keyboard the arrows move the map, and what lies in its middle is taken
  place.addEventListener("keydown", (event) => { if (event.key === "Enter" && event.target === place) choose(map.getCenter()); });
  // choose(null) ends it
  gridmap.caseMap = {
    choose(then) {
      take = then;
      place.classList.toggle("choosing", Boolean(then));
      if (!then && fresh) { fresh.remove(); fresh = null; }
    },
  };
})();
