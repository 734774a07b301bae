// A voice note of at most a minute: record, stop, listen, delete. It is queued as a file field of the form.
// Nothing is recorded before the button is pressed; afterwards the microphone is released.
// Hook: [data-voice]. When a recording has ended and is in the form, this element gets the event “voice:ended”.

const MOST_SECONDS = 60;
const MOST_BYTES = 2_000_000;
const TYPES = ["audio/webm;codecs=opus", "audio/mp4", "audio/ogg;codecs=opus"];

class Voice {
  constructor(box) {
    this.box = box;
    this.part = (name) => box.querySelector(`[data-voice-${name}]`);
    this.field = box.querySelector("input[type=file]");
    this.player = this.part("play");
    this.part("record").addEventListener("click", () => this.record());
    this.part("stop").addEventListener("click", () => this.recorder?.stop());
    this.part("drop").addEventListener("click", () => this.drop());
    box.closest("form").addEventListener("reset", () => this.drop());
    window.addEventListener("pagehide", () => this.letGo());
    box.hidden = false;
  }

  say(words, seconds = 0) {
    this.part("state").textContent = words ? this.box.dataset[words].replace("SECONDS", String(seconds)) : "";
  }

  show(state) {
    this.box.dataset.state = state;
    this.part("record").hidden = state !== "empty";
    this.part("stop").hidden = state !== "recording";
    this.part("drop").hidden = state !== "recorded";
    this.player.hidden = state !== "recorded";
  }

  async record() {
    try {
      this.stream = await navigator.mediaDevices.getUserMedia({ audio: true });
    } catch {
      this.say("refused");
      return;
    }
    const mimeType = TYPES.find((type) => MediaRecorder.isTypeSupported(type));
    const parts = [];
    this.recorder = new MediaRecorder(this.stream, { mimeType, audioBitsPerSecond: 32_000 });
    this.recorder.addEventListener("dataavailable", (event) => parts.push(event.data));
    this.recorder.addEventListener("stop", () => {
      this.attach(parts);
      this.box.dispatchEvent(new Event("voice:ended"));
    });
    this.recorder.start(1000);
    this.began = performance.now();
    this.show("recording");
    this.tick();
    this.timer = window.setInterval(() => this.tick(), 500);
    this.part("stop").focus();
  }

  get seconds() {
    return Math.round((performance.now() - this.began) / 1000);
  }

  tick() {
    const left = MOST_SECONDS - this.seconds;
    this.say("left", Math.max(left, 0));
    if (left <= 0) this.recorder.stop();
  }

  letGo() {
    window.clearInterval(this.timer);
    for (const track of this.stream?.getTracks() ?? []) track.stop();
    this.stream = null;
  }

  attach(parts) {
    const { seconds } = this;
    this.letGo();
    const type = this.recorder.mimeType.split(";")[0];
    const blob = new Blob(parts, { type });
    if (this.dropped || !blob.size || blob.size > MOST_BYTES) {
      this.drop();
      if (blob.size > MOST_BYTES) this.say("large");
      return;
    }
    const carrier = new DataTransfer();
    carrier.items.add(new File([blob], "note", { type }));
    this.field.files = carrier.files;
    this.player.src = URL.createObjectURL(blob);
    this.field.dispatchEvent(new Event("change", { bubbles: true }));
    this.show("recorded");
    this.say("recorded", Math.min(seconds, MOST_SECONDS));
    this.part("drop").focus();
  }

  drop() {
    if (this.recorder?.state === "recording") {
      this.dropped = true;
      this.recorder.stop();
      return;
    }
    this.dropped = false;
    if (this.field.value) {
      this.field.value = "";
      this.field.dispatchEvent(new Event("change", { bubbles: true }));
    }
    if (this.player.src) URL.revokeObjectURL(this.player.src);
    this.player.removeAttribute("src");
    this.show("empty");
    this.say("");
  }
}

if ("MediaRecorder" in window && navigator.mediaDevices?.getUserMedia && "DataTransfer" in window) {
  for (const box of document.querySelectorAll("[data-voice]")) new Voice(box).show("empty");
}
