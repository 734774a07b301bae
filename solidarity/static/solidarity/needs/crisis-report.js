// The public page of an event: the device's position, and a photo made small before it is sent. Works without, too.

const MOST_SIDE = 1600;

const place = document.querySelector("[data-crisis-place]");
const state = place.querySelector("[data-crisis-state]");

place.querySelector("[data-crisis-locate]").addEventListener("click", () => {
  const refused = () => { state.textContent = place.dataset.refused; };
  state.textContent = place.dataset.looking;
  if (!navigator.geolocation) {
    refused();
    return;
  }
  navigator.geolocation.getCurrentPosition(({ coords }) => {
    place.querySelector("[name=latitude]").value = coords.latitude.toFixed(6);
    place.querySelector("[name=longitude]").value = coords.longitude.toFixed(6);
    place.dataset.chosen = "1";
    state.textContent = place.dataset.found.replace("METRES", Math.round(coords.accuracy));
  }, refused, { enableHighAccuracy: true, timeout: 12000, maximumAge: 15000 });
});

const photo = document.querySelector("[data-crisis-photo] [type=file]");

/** A smaller JPEG of a picture; the picture itself where that is not to be had. */
async function smaller(file) {
  const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
  const ratio = Math.min(1, MOST_SIDE / Math.max(picture.width, picture.height));
  const canvas = Object.assign(document.createElement("canvas"), { width: Math.round(picture.width * ratio), height: Math.round(picture.height * ratio) });
  const brush = canvas.getContext("2d");
  brush.fillStyle = "#fff";
  brush.fillRect(0, 0, canvas.width, canvas.height);
  brush.drawImage(picture, 0, 0, canvas.width, canvas.height);
  const data = await new Promise((done) => { canvas.toBlob(done, "image/jpeg", 0.8); });
  return data && data.size < file.size ? new File([data], "photo.jpg", { type: "image/jpeg" }) : file;
}

photo.addEventListener("change", async () => {
  const [file] = photo.files;
  if (!file) return;
  try {
    const box = new DataTransfer();
    box.items.add(await smaller(file));
    if (photo.files[0] === file) photo.files = box.files;
  } catch {
    // It goes as it is; the server says whether it can be read.
  }
});

// Sent once: a second tap while the network is slow does nothing.
const form = photo.form;
form.addEventListener("submit", (event) => {
  if (form.dataset.sending) event.preventDefault();
  form.dataset.sending = "1";
});
addEventListener("pageshow", () => { delete form.dataset.sending; });
