// Which datum this phone's browser speaks: WGS-84, as the standard says, or GCJ-02, as some in China do. Pure.
// Degrees, longitude before latitude. The polynomial is that of gridmap/geometry/datums.py; tests compare the two.

const BOX = [72.004, 0.8293, 137.8347, 55.8271]; // outside it GCJ-02 does not shift
const AXIS = 6378245.0, ECCENTRICITY_SQUARED = 0.00669342162296594323;
const ROUNDS = 6; // of the fixed point: the last digit
const RADIUS = 6371008.8, DEGREE = Math.PI / 180;
const SLACK_M = 15; // beside the known point, and what is known of it

function shift(lon, lat) {
  const { sin, cos, abs, sqrt, PI } = Math;
  const x = lon - 105, y = lat - 35;
  const ripple = 20 * sin(6 * PI * x) + 20 * sin(2 * PI * x), root = sqrt(abs(x));
  const wavesEast = ripple + 20 * sin(PI * x) + 40 * sin(PI / 3 * x) + 150 * sin(PI / 12 * x) + 300 * sin(PI / 30 * x);
  const wavesNorth = ripple + 20 * sin(PI * y) + 40 * sin(PI / 3 * y) + 160 * sin(PI / 12 * y) + 320 * sin(PI / 30 * y);
  const east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + wavesEast * 2 / 3;
  const north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + wavesNorth * 2 / 3;
  const w = 1 - ECCENTRICITY_SQUARED * sin(lat * DEGREE) ** 2;
  const primeVertical = AXIS / sqrt(w), meridian = AXIS * (1 - ECCENTRICITY_SQUARED) / (w * sqrt(w));
  return [east / (primeVertical * cos(lat * DEGREE)) / DEGREE, north / meridian / DEGREE];
}

const inside = (lon, lat, margin = 0) =>
  lon >= BOX[0] - margin && lat >= BOX[1] - margin && lon <= BOX[2] + margin && lat <= BOX[3] + margin;

// A WGS-84 point as a phone that speaks `datum` would give it.
export function fromWgs84([lon, lat], datum) {
  if (datum !== "gcj02" || !inside(lon, lat)) return [lon, lat];
  const [east, north] = shift(lon, lat);
  return [lon + east, lat + north];
}

export function toWgs84([lon, lat], datum) {
  if (datum !== "gcj02" || !inside(lon, lat, 0.05)) return [lon, lat];
  let [x, y] = [lon, lat];
  for (let round = 0; round < ROUNDS; round++) {
    const [east, north] = shift(x, y);
    [x, y] = [lon - east, lat - north];
  }
  return inside(x, y, 1e-9) ? [x, y] : [lon, lat];
}

// Metres on the sphere: within 0.5 % of the ellipsoid's.
export function metres([lon, lat], [otherLon, otherLat]) {
  const half = (a) => Math.sin(a * DEGREE / 2) ** 2;
  const h = half(otherLat - lat) + Math.cos(lat * DEGREE) * Math.cos(otherLat * DEGREE) * half(otherLon - lon);
  return 2 * RADIUS * Math.asin(Math.min(1, Math.sqrt(h)));
}

// Whether a reading taken at a known point is in WGS-84 or GCJ-02.
// reading: {lon, lat, accuracy} (radius in metres that holds the true position with 95 %)
// known:   {lon, lat, radius}   (WGS-84; how far from it one may stand and still be "there": a building's half width)
// -> {datum, why, off}: the datum or null; "fits", or why there is none: "inaccurate" (the two cannot be told
// apart so), "ambiguous" (here both are nearly the same), "elsewhere" (neither fits: not the point that was
// named); and how far off the reading is under each, in metres.
export function decide(reading, known) {
  const point = [known.lon, known.lat], read = [reading.lon, reading.lat];
  const off = { wgs84: metres(read, point), gcj02: metres(read, fromWgs84(point, "gcj02")) };
  const apart = metres(point, fromWgs84(point, "gcj02"));
  const reach = reading.accuracy + known.radius + SLACK_M;
  const none = (why) => ({ datum: null, why, off });
  if (!(reading.accuracy > 0)) return none("inaccurate");
  if (known.radius + SLACK_M >= apart / 2) return none("ambiguous");
  if (reach >= apart / 2) return none("inaccurate");
  const datum = Object.keys(off).find((name) => off[name] <= reach);
  return datum ? { datum, why: "fits", off } : none("elsewhere");
}
