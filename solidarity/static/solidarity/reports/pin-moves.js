// Move a pin in metres: by arrow keys, by buttons, or by dragging it.

const STEP = 5; // metres
const LARGE_STEP = 25; // metres, with Shift
const METRES_PER_DEGREE = 111_320;
const ARROWS = { ArrowUp: "0,1", ArrowDown: "0,-1", ArrowLeft: "-1,0", ArrowRight: "1,0" };

/**
 * tools: the element [data-pin-moves], with the buttons and the words. place: { point, moveTo(lat, lng, words) }.
 * Returns hold(marker), which makes a new marker movable.
 */
export function pinMoves(tools, place) {
  const buttons = [...tools.querySelectorAll("[data-pin-move]")];

  function move(button, metres) {
    const { point } = place;
    if (!point) return;
    const [east, north] = button.dataset.pinMove.split(",").map((part) => Number(part) * metres / METRES_PER_DEGREE);
    const words = tools.dataset.moved.replace("METRES", metres).replace("DIRECTION", button.dataset.direction);
    place.moveTo(point.lat + north, point.lng + east / Math.cos((point.lat * Math.PI) / 180), words);
  }

  for (const button of buttons) button.addEventListener("click", () => move(button, STEP));

  return (marker) => {
    const element = marker.getElement();
    element.tabIndex = 0;
    element.setAttribute("role", "application");
    element.setAttribute("aria-label", tools.dataset.label);
    element.addEventListener("keydown", (event) => {
      const button = buttons.find((each) => each.dataset.pinMove === ARROWS[event.key]);
      if (!button || event.altKey || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      event.stopPropagation(); // otherwise the map moves too
      move(button, event.shiftKey ? LARGE_STEP : STEP);
    });
    marker.setDraggable(true);
    marker.on("dragend", () => {
      const { lat, lng } = marker.getLngLat();
      place.moveTo(lat, lng);
    });
    tools.hidden = false;
  };
}
