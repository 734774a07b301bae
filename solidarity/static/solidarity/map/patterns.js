// Images that the map draws at run time: the patterns of the unknown statuses and the letters of all statuses.

export const STATUS_NAMES = ["covered", "under-covered", "uncovered", "to-verify", "not-searched", "contradictory",
  "searched"];
const LETTERS = ["C", "U", "N", "V", "?", "≠", "✓"];
const RATIO = 2;

/** A square canvas of a given size in CSS pixels, drawn at twice the size, and its image for map.addImage. */
function picture(size, draw) {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = size * RATIO;
  const pen = canvas.getContext("2d");
  pen.scale(RATIO, RATIO);
  draw(pen, size);
  return pen.getImageData(0, 0, canvas.width, canvas.height);
}

/** Violet dots, two per tile, on the paper colour. */
function dots(colour) {
  return picture(12, (pen, size) => {
    pen.fillStyle = colour("surface");
    pen.fillRect(0, 0, size, size);
    pen.fillStyle = colour("status-to-verify-edge");
    for (const [x, y] of [[3, 3], [9, 9]]) {
      pen.beginPath();
      pen.arc(x, y, 1.9, 0, 2 * Math.PI);
      pen.fill();
    }
  });
}

/** Grey diagonal lines that continue in the next tile. */
function hatching(colour) {
  return picture(10, (pen, size) => {
    pen.fillStyle = colour("status-not-searched");
    pen.fillRect(0, 0, size, size);
    pen.strokeStyle = colour("status-not-searched-edge");
    pen.lineWidth = 1.3;
    for (const shift of [-size, 0, size]) {
      pen.beginPath();
      pen.moveTo(shift - 2, size + 2);
      pen.lineTo(shift + size + 2, -2);
      pen.stroke();
    }
  });
}

/** A diamond on grey. */
function diamonds(colour) {
  return picture(18, (pen, size) => {
    pen.fillStyle = colour("status-contradictory");
    pen.fillRect(0, 0, size, size);
    pen.strokeStyle = colour("status-contradictory-edge");
    pen.lineWidth = 1.6;
    pen.beginPath();
    const middle = size / 2;
    for (const [x, y] of [[0, -5.5], [5.5, 0], [0, 5.5], [-5.5, 0]]) pen.lineTo(middle + x, middle + y);
    pen.closePath();
    pen.stroke();
  });
}

/** The letter of a status on a small plate, so that the status is never shown by colour alone. */
function letter(status, colour, letters) {
  const name = STATUS_NAMES[status - 1];
  return picture(22, (pen, size) => {
    pen.fillStyle = colour("surface");
    pen.strokeStyle = colour(`status-${name}-edge`);
    pen.lineWidth = 2;
    pen.beginPath();
    pen.arc(size / 2, size / 2, size / 2 - 2, 0, 2 * Math.PI);
    pen.fill();
    pen.stroke();
    pen.fillStyle = colour("ink");
    pen.font = '700 13px "Atkinson Hyperlegible", sans-serif';
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    pen.fillText(letters[status] ?? LETTERS[status - 1], size / 2, size / 2 + 1);
  });
}

/** Two letters on one plate: the team's status with a dashed outline, and the model's status. */
function pair(field, model, colour, letters) {
  return picture(40, (pen, size) => {
    const [top, height] = [size / 2 - 10, 20];
    pen.fillStyle = colour("surface");
    pen.strokeStyle = colour("ink");
    pen.lineWidth = 2;
    pen.setLineDash([4, 2.5]);
    pen.beginPath();
    pen.roundRect(1, top, size - 2, height, 8);
    pen.fill();
    pen.stroke();
    pen.fillStyle = colour("ink");
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    pen.font = '700 13px "Atkinson Hyperlegible", sans-serif';
    pen.fillText(letters[field] ?? LETTERS[field - 1], 11, size / 2 + 1);
    pen.fillText("/", size / 2, size / 2 + 1);
    pen.font = '400 13px "Atkinson Hyperlegible", sans-serif';
    pen.fillText(letters[model] ?? LETTERS[model - 1], size - 11, size / 2 + 1);
  });
}

/** A leaf of a calendar: an event. */
function event(colour) {
  return picture(28, (pen) => {
    [pen.fillStyle, pen.strokeStyle, pen.lineWidth] = [colour("surface"), colour("accent"), 2.5];
    pen.beginPath();
    pen.roundRect(3, 5, 22, 20, 3);
    pen.fill();
    pen.stroke();
    pen.fillStyle = colour("accent");
    for (const box of [[3, 5, 22, 6], [8, 2, 3, 5], [17, 2, 3, 5], [7, 15, 3, 3], [12.5, 15, 3, 3], [18, 15, 3, 3]]) pen.fillRect(...box);
  });
}

/**
 * The image that a style requests by name, "pattern-4-light", "letter-2-dark", "pair-2-1-dark" or "event-light"; null for
 * another name.
 */
export function imageNamed(name, colour, letters) {
  const [kind, number, second] = name.split("-");
  const status = Number(number);
  if (kind === "pair" && STATUS_NAMES[status - 1]
    && STATUS_NAMES[Number(second) - 1]) return pair(status, Number(second), colour, letters);
  if (kind === "letter" && STATUS_NAMES[status - 1]) return letter(status, colour, letters);
  if (kind === "event") return event(colour);
  const pattern = { 4: dots, 5: hatching, 6: diamonds }[status];
  return kind === "pattern" && pattern ? pattern(colour) : null;
}

export const IMAGE_OPTIONS = { pixelRatio: RATIO };
