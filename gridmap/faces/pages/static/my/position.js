// Where the phone is: its own reading as it came, and the same in WGS-84 by the datum that was found to be its own.
import { toWgs84 } from "./datum.js";
import { words } from "./words.js";

const KEY = "gridmap-datum"; // of this phone, whoever holds it
const listeners = new Set();
export const here = { reading: null, point: null, problem: null };

// why there is no position, as the page says it
const PROBLEMS = { denied: "my_position_denied", none: "my_position_none", insecure: "my_position_insecure" };
export const problem = () => words[PROBLEMS[here.problem] ?? "my_position_waiting"];

export const checked = () => JSON.parse(localStorage.getItem(KEY) ?? "null"); // {datum, at} or null
export const datum = () => checked()?.datum ?? "wgs84"; // what the W3C's standard has browsers give

export function setDatum(value) {
  localStorage.setItem(KEY, JSON.stringify({ datum: value, at: new Date().toISOString() }));
  if (here.reading) take(here.reading);
}

export function follow(listen) {
  listeners.add(listen);
  listen(here);
  return () => listeners.delete(listen);
}

function take(reading) {
  here.reading = reading;
  here.point = toWgs84([reading.lon, reading.lat], datum());
  here.problem = null;
  for (const listen of listeners) listen(here);
}

function fail(problem) {
  here.problem = problem;
  for (const listen of listeners) listen(here);
}

// Ask the phone, and go on hearing from it while the page is looked at: a hidden page costs no battery.
export function watch() {
  if (!navigator.geolocation || !window.isSecureContext) return fail("insecure");
  let id = null;
  const begin = () => {
    id ??= navigator.geolocation.watchPosition(
      ({ coords, timestamp }) => take({ lon: coords.longitude, lat: coords.latitude, accuracy: coords.accuracy, at: timestamp }),
      (error) => fail(error.code === 1 ? "denied" : "none"),
      { enableHighAccuracy: true, maximumAge: 10_000, timeout: 30_000 },
    );
  };
  const end = () => {
    if (id !== null) navigator.geolocation.clearWatch(id);
    id = null;
  };
  document.addEventListener("visibilitychange", () => (document.hidden ? end() : begin()));
  begin();
}
