// What part of the run is shown, where the cursor is, and what is filtered away.

const gutter = 96;                      // room for the names of the lanes, in pixels
const shortest = 20;                    // microseconds that the picture never shows less of
const longest = Math.max(run.end * 1.02, 1000);

const view = {
  from: 0, span: longest, cursor: 0, width: 800,
  hiddenKinds: new Set(), hiddenLanes: new Set(), onlyLost: false, find: "", textFound: null,
  selected: null,                       // { type, i }
};

const xOf = t => gutter + (t - view.from) / view.span * (view.width - gutter);
const timeAt = x => view.from + (x - gutter) / (view.width - gutter) * view.span;
const until = () => view.from + view.span;

function show(from, span) {
  view.span = Math.min(Math.max(span, shortest), longest);
  view.from = Math.min(Math.max(from, 0), Math.max(0, longest - view.span));
  changed(false);
}

function zoom(factor, t) {
  const span = Math.min(Math.max(view.span * factor, shortest), longest);
  show(t - (t - view.from) * span / view.span, span);
}

function setCursor(t, follow) {
  view.cursor = Math.min(Math.max(Math.round(t), 0), run.end);
  if (follow && (view.cursor < view.from + view.span * 0.05 || view.cursor > until() - view.span * 0.05)) show(view.cursor - view.span / 2, view.span);
  changed();
}

function goTo(t, span) {
  setCursor(t, false);
  show(view.cursor - span / 2, span);
}

// The clients are shown or hidden together: there may be many.
function laneShown(lane) {
  return !view.hiddenLanes.has(Math.min(lane, run.nodeCount));
}

function messageShown(i) {
  const messages = run.messages;
  return laneShown(messages.from[i]) && laneShown(messages.to[i]) && !view.hiddenKinds.has(messages.kind[i])
    && (!view.onlyLost || run.fates[messages.fate[i]] !== "Delivered")
    && (view.textFound === null || view.textFound[messages.text[i]] === 1);
}

function find(text) {
  view.find = text;
  const wanted = text.toLowerCase();
  view.textFound = text === "" ? null : Uint8Array.from(run.texts, one => one.toLowerCase().includes(wanted) ? 1 : 0);
  changed();
}

// The place is kept in the address: #t=12.5&from=12&span=1 (seconds; t is the cursor, the other two are the window).
function readPlace() {
  const place = new URLSearchParams(location.hash.slice(1));
  const number = name => place.has(name) && Number.isFinite(Number(place.get(name))) ? Number(place.get(name)) * 1e6 : null;
  const t = number("t"), from = number("from"), span = number("span") ?? view.span;
  if (t !== null) view.cursor = Math.min(Math.max(t, 0), run.end);
  if (from !== null) show(from, span);
  else if (place.has("span")) show(view.cursor - span / 2, span);
}

function writePlace() {
  const seconds = t => (t / 1e6).toFixed(6).replace(/\.?0+$/, "");
  const place = `#t=${seconds(view.cursor)}&from=${seconds(view.from)}&span=${seconds(view.span)}`;
  try {
    history.replaceState(null, "", place);
  } catch {
    // A browser may refuse too many changes, or any for a local file; the picture does not depend on it.
  }
}

// "12.345 678 s"; fewer digits when a step of the scale is larger.
function timeText(t, step = 1) {
  const digits = step >= 1e6 ? 0 : step >= 1e5 ? 1 : step >= 1e4 ? 2 : step >= 1000 ? 3 : 6;
  const text = (t / 1e6).toFixed(digits);
  return (digits === 6 ? text.slice(0, -3) + "\u202f" + text.slice(-3) : text) + " s";
}

function lengthText(length) {
  return length >= 1e6 ? (length / 1e6).toFixed(2) + " s" : length >= 1000 ? (length / 1000).toFixed(2) + " ms" : length + " µs";
}

// Everything is drawn anew, at most once a frame; the panel only if more than the window has changed.
let drawing = false, panelChanged = true, placeTimer = 0;

function changed(panelToo = true) {
  panelChanged ||= panelToo;
  if (drawing) return;
  drawing = true;
  requestAnimationFrame(() => {
    drawing = false;
    draw();
  });
  clearTimeout(placeTimer);
  placeTimer = setTimeout(writePlace, 300);
}
