// Photos on their way into the queue: turned upright, at most SIDE pixels, small enough for any network. Being drawn anew
// they lose what the camera wrote beside the picture, the place among it; the service cleans them once more.
const SIDE = 1600, MOST_BYTES = 700_000;
const QUALITIES = [0.82, 0.7, 0.55, 0.4];

// -> {id, bytes, width, height}. Throws where the browser cannot read the file as a picture.
export async function scaled(file) {
  const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
  const share = Math.min(1, SIDE / Math.max(picture.width, picture.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(picture.width * share));
  canvas.height = Math.max(1, Math.round(picture.height * share));
  const brush = canvas.getContext("2d");
  brush.fillStyle = "#fff"; // under what is see-through: JPEG would make it black
  brush.fillRect(0, 0, canvas.width, canvas.height);
  brush.imageSmoothingQuality = "high";
  brush.drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close();
  let blob;
  for (const quality of QUALITIES) {
    blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", quality));
    if (blob.size <= MOST_BYTES) break;
  }
  return { id: newId(), bytes: await blob.arrayBuffer(), width: canvas.width, height: canvas.height };
}

export const address = (photo) => URL.createObjectURL(new Blob([photo.bytes], { type: "image/jpeg" }));

// A client id; plain http has no randomUUID.
export function newId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
