// A photo made small before it is kept or sent: without what the camera wrote into it.

const MOST_SIDE = 1600;

/** A smaller JPEG of a picture; the picture itself where that is not to be had. */
export async function smaller(file) {
  try {
    const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
    const ratio = Math.min(1, MOST_SIDE / Math.max(picture.width, picture.height));
    const canvas = Object.assign(document.createElement("canvas"), { width: Math.round(picture.width * ratio), height: Math.round(picture.height * ratio) });
    const brush = canvas.getContext("2d");
    brush.fillStyle = "#fff";
    brush.fillRect(0, 0, canvas.width, canvas.height);
    brush.drawImage(picture, 0, 0, canvas.width, canvas.height);
    const data = await new Promise((done) => { canvas.toBlob(done, "image/jpeg", 0.8); });
    return data ? new File([data], "photo.jpg", { type: "image/jpeg" }) : file;
  } catch {
    return file; // it goes as it is; the server says whether it can be read
  }
}
