// Checking the phone's datum at a known point: choose where you stand, compare, keep what fits. The decision: datum.js.
/* global L */
import { el, fill } from "../common.js";
import { data } from "./data.js";
import { decide, metres } from "./datum.js";
import { makeMap, phoneMark } from "./map.js";
import { checked, follow, here, problem, setDatum } from "./position.js";
import { called, titled, words } from "./words.js";

const PLACE_RADIUS_M = 25; // a market or a station is not a point
const DATUMS = { wgs84: "my_datum_wgs84", gcj02: "my_datum_gcj02" };
const VERDICTS = { fits: "my_datum_fits", inaccurate: "my_datum_inaccurate", ambiguous: "my_datum_ambiguous", elsewhere: "my_datum_elsewhere" };
const find = (name) => document.querySelector(`#datum ${name}`);
let known, stop, map, shown;

const middle = (layer) => { const centre = layer.getBounds().getCenter(); return [centre.lng, centre.lat]; };

// Everything of my areas that one can stand at: places, and buildings with their half width.
function points() {
  const places = data.places.map((feature) => {
    const layer = L.geoJSON(feature);
    const [lon, lat] = feature.geometry.type === "Point" ? feature.geometry.coordinates : middle(layer);
    return { lon, lat, radius: PLACE_RADIUS_M, name: titled(feature.properties), over: called("place_kinds", feature.properties.kind) };
  });
  const buildings = data.buildings.map((feature) => {
    const layer = L.geoJSON(feature), [lon, lat] = middle(layer), corner = layer.getBounds().getNorthEast();
    return { lon, lat, radius: metres([lon, lat], [corner.lng, corner.lat]), name: feature.properties.name,
      over: called("area_kinds", "building"), feature };
  });
  return [...places, ...buildings];
}

export function open() {
  known = null;
  document.getElementById("datum").showModal();
  map?.remove();
  const drawn = makeMap(find(".map"), { ...data, buildings: [] });
  map = drawn.map;
  const all = points();
  shown = L.layerGroup().addTo(map);
  for (const each of all) {
    const layer = each.feature
      ? L.geoJSON(each.feature, { style: { color: "#7a6f62", weight: 1, fillColor: "#dcd3c7", fillOpacity: 1 } })
      : L.circleMarker([each.lat, each.lon], { radius: 10, color: "#fff", weight: 2, fillColor: "#1c64ad", fillOpacity: 1 });
    layer.on("click", () => choose(each)).addTo(map);
  }
  const mark = phoneMark(map);
  stop?.();
  stop = follow(({ point, reading }) => { mark(point, reading?.accuracy); judge(); });
  search(all);
  judge();
}

function search(all) {
  const field = find("input"), list = find(".found");
  field.value = "";
  field.oninput = () => {
    const text = field.value.trim().toLowerCase();
    const hits = text ? all.filter((each) => each.name.toLowerCase().includes(text)).slice(0, 12) : [];
    list.replaceChildren(...hits.map((each) => el("button", { type: "button", onclick: () => choose(each) }, `${each.name} · ${each.over}`)));
  };
  field.oninput();
}

function choose(each) {
  known = each;
  shown.clearLayers();
  L.circleMarker([each.lat, each.lon], { radius: 16, color: "#9b2c23", weight: 4, fill: false }).addTo(shown);
  map.setView([each.lat, each.lon], 17);
  find(".found").replaceChildren();
  judge();
}

function judge() {
  const verdict = find(".verdict"), button = find(".send");
  button.hidden = true;
  verdict.dataset.why = "";
  const before = checked();
  find(".before").textContent = before ? fill(words.my_datum_before, { datum: words[DATUMS[before.datum]] }) : words.my_datum_never;
  if (!known) return (verdict.textContent = words.my_datum_choose);
  if (!here.reading) return (verdict.textContent = problem());
  const found = decide(here.reading, known);
  const numbers = { name: known.name, wgs84: Math.round(found.off.wgs84), gcj02: Math.round(found.off.gcj02),
    accuracy: Math.round(here.reading.accuracy), datum: found.datum ? words[DATUMS[found.datum]] : "" };
  verdict.dataset.why = found.why;
  verdict.textContent = fill(words[VERDICTS[found.why]], numbers);
  button.hidden = found.why !== "fits";
  button.onclick = () => { setDatum(found.datum); document.getElementById("datum").close(); };
}

export function install() {
  document.getElementById("datum").addEventListener("close", () => { stop?.(); map?.remove(); stop = map = null; });
}
