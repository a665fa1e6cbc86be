// The small maps: the town beneath, my areas, and on them points, the phone with its circle, a pin.
// Leaflet (L) and the drawing of the backdrop (gridmap) are the same as on the district map.
/* global L, gridmap */
import { el } from "../common.js";
import { words } from "./words.js";

const ZOOM_OF_A_STREET = 17;
const flip = ([lon, lat]) => [lat, lon];

// One map, drawn from `ground` ({backdrop, styles}), `areas` and `buildings` (GeoJSON features).
export function makeMap(place, { ground, areas, buildings }) {
  const map = L.map(place, { zoomControl: false, attributionControl: false, maxZoom: 20, zoomSnap: 0.5, keyboard: true,
    zoomAnimation: false, fadeAnimation: false }); // a sheet may be closed, and its map gone, while it would still move
  for (const [name, index] of [["backdrop", 210], ["buildings", 320], ["border", 450], ["labels", 590]]) {
    map.createPane(name).style.zIndex = index;
    if (name !== "buildings") map.getPane(name).style.pointerEvents = "none";
  }
  map.setView([0, 0], 2);
  L.control.zoom({ position: "topright", zoomInTitle: words.zoom_in, zoomOutTitle: words.zoom_out }).addTo(map);
  L.control.scale({ imperial: false, position: "bottomleft" }).addTo(map);
  const border = L.geoJSON(areas.filter((area) => area.properties.kind !== "building"), { pane: "border", interactive: false,
    style: { color: "#9b2c23", weight: 3, fillColor: "#9b2c23", fillOpacity: 0.06 } }).addTo(map);
  const houses = L.geoJSON(buildings, { pane: "buildings", interactive: false,
    style: { color: "#a5988a", weight: 1, fillColor: "#dcd3c7", fillOpacity: 1 } }).addTo(map);
  const whole = border.getLayers().length ? border.getBounds() : houses.getBounds();
  if (whole.isValid()) map.fitBounds(whole, { padding: [12, 12] });
  if (ground) names(map, ground, areas, gridmap.backdrop(map, ground).labels);
  return { map, whole, houses };
}

function names(map, ground, areas, labels) {
  const own = areas.filter((area) => area.properties.kind !== "building").map((area) => ({
    at: L.geoJSON(area).getBounds().getCenter(), text: area.properties.name, style: "name-own", rank: 1, from: 3, size: 14 }));
  gridmap.labels(map, [...labels, ...own].map((label) => ({ ...label, at: L.latLng(label.at) })), null, null);
}

// The phone: a dot, and the circle that holds it.
export function phoneMark(map) {
  let layer = null;
  return (point, accuracy) => {
    layer?.remove();
    if (!point) return;
    layer = L.layerGroup([
      L.circle(flip(point), { radius: accuracy, color: "#1c64ad", weight: 1.5, fillColor: "#1c64ad", fillOpacity: 0.14, interactive: false }),
      L.circleMarker(flip(point), { radius: 7, color: "#fff", weight: 3, fillColor: "#1c64ad", fillOpacity: 1, interactive: false }),
    ]).addTo(map);
  };
}

// Numbered points as in the list. points: [{number, at: [lon, lat], title, mine, late, go}]
export function pointMarks(map) {
  const layer = L.layerGroup().addTo(map);
  return (points) => {
    layer.clearLayers();
    for (const each of points) {
      const look = ["case-mark", each.mine ? "mine" : "", each.late ? "late" : ""].filter(Boolean).join(" ");
      const icon = L.divIcon({ className: look, iconSize: [28, 28], html: el("span", {}, each.number) });
      L.marker(flip(each.at), { icon, title: each.title, alt: each.title, zIndexOffset: each.mine ? 500 : 0 })
        .on("click", each.go).addTo(layer);
    }
  };
}

// The pin of a report: follows the phone until a finger moves it. -> {at(): [lon, lat] | null, moved(), follow(), put()}
export function pin(map, onmove) {
  let marker = null, moved = false;
  const icon = L.divIcon({ className: "pin", iconSize: [44, 52], iconAnchor: [22, 50], html: el("span") });
  function put(point, chosen) {
    moved = chosen;
    if (!marker) {
      marker = L.marker(flip(point), { icon, draggable: true, autoPan: true, title: words.my_pin, zIndexOffset: 1000 }).addTo(map);
      marker.on("dragend", () => { moved = true; onmove(); });
    }
    marker.setLatLng(flip(point));
    onmove();
  }
  const byHand = (at) => put([at.lng, at.lat], true);
  map.on("click", (event) => byHand(event.latlng));
  // by keyboard the arrows move the map, and Enter puts the pin in its middle
  const place = map.getContainer();
  place.addEventListener("keydown", (event) => { if (event.key === "Enter" && event.target === place) byHand(map.getCenter()); });
  return {
    at: () => marker && [marker.getLatLng().lng, marker.getLatLng().lat],
    moved: () => moved,
    put,
    follow(point) {
      if (moved) return;
      const first = !marker;
      put(point, false);
      if (first) map.setView(flip(point), Math.max(map.getZoom(), ZOOM_OF_A_STREET), { animate: false });
    },
    show(point) {
      put(point, true);
      map.setView(flip(point), Math.max(map.getZoom(), ZOOM_OF_A_STREET), { animate: false });
    },
    release(point) {
      moved = false;
      if (!point) return;
      put(point, false);
      map.setView(flip(point), Math.max(map.getZoom(), ZOOM_OF_A_STREET));
    },
  };
}
