// The map of inspections: each building by whether somebody looks at it in time, in its grid, over the town.
/* global L, gridmap */
import { el } from "./common.js";

const place = document.getElementById("round-map");
const data = JSON.parse(document.getElementById("round-map-data").textContent);
data.words = JSON.parse(place.dataset.words);
const map = L.map(place, { zoomControl: false, zoomSnap: data.basemap ? 1 : 0.25, maxZoom: 20, scrollWheelZoom: false });
map.attributionControl.setPrefix(false);
gridmap.prepare(map, data);
const town = gridmap.backdrop(map, data);

const hatched = gridmap.hatching("hatch-blind", data.looks.blind, "#fff");
const fills = { ...data.looks, blind: hatched };
L.geoJSON(data.grids, { interactive: false, pane: "border", style: { color: data.styles.grid, weight: 1.5, fill: false } }).addTo(map);
L.geoJSON(data.buildings, {
  pane: "fine",
  style: ({ properties }) => ({ color: data.looks[properties.look], weight: 1, fillColor: fills[properties.look], fillOpacity: 1 }),
  onEachFeature: ({ properties }, layer) => layer.bindTooltip(() =>
    el("span", {}, `${properties.name} · ${data.words["look_" + properties.look]}`), { sticky: true }),
}).addTo(map);

const GRIDS_FROM = 15.5; // farther out their communities are named
const named = (areas, look) => areas.features.map((area) => ({ at: L.geoJSON(area).getBounds().getCenter(), text: area.properties.name, ...look }));
gridmap.labels(map, [...town.labels,
  ...named(data.communities, { style: "name-community", rank: 1, from: 0, until: GRIDS_FROM, size: 14 }),
  ...named(data.grids, { style: "name-grid", rank: 2, from: GRIDS_FROM, size: 13 })], null, null);
