// Makes a photo smaller before it is queued or sent, and removes its metadata.

const MOST_SIDE = 1600;

/** A smaller JPEG of a picture, or the picture itself if that fails. */
export async function smaller(file) {
  try {
    const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
    const ratio = Math.min(1, MOST_SIDE / Math.max(picture.width, picture.height));
    const [width, height] = [Math.round(picture.width * ratio), Math.round(picture.height * ratio)];
    const canvas = Object.assign(document.createElement("canvas"), { width, height });
    const brush = canvas.getContext("2d");
    brush.fillStyle = "#fff";
    brush.fillRect(0, 0, canvas.width, canvas.height);
    brush.drawImage(picture, 0, 0, canvas.width, canvas.height);
    const data = await new Promise((done) => { canvas.toBlob(done, "image/jpeg", 0.8); });
    return data ? new File([data], "photo.jpg", { type: "image/jpeg" }) : file;
  } catch {
    return file; // the server checks whether it can read it
  }
}
