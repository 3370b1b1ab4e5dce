// Colours and strokes. The colours can be told apart by colour-blind people too (Okabe and Ito), and a word or a pattern says the same again.

const roleColours = {
  Leader: ["#0072b2", "#fff"], Candidate: ["#e69f00", "#000"], PreCandidate: ["#f0e442", "#000"], Follower: ["#c3d9ea", "#10222f"],
  Recovering: ["#d9a3c3", "#000"], Stopping: ["#9a9a9a", "#000"], InstallingSnapshot: ["#b9a3d9", "#000"], Down: ["#4a4a4a", "#fff"],
};
const unknownColour = ["#8883", "#000"];

// Reply and request of one exchange share a hue.
// The first colour is for a light page, the second for a dark one.
const kindColours = [
  [/^AppendEntriesReply/, "#7fa8d1", "#5585b8"], [/^AppendEntries/, "#2f5f98", "#9cc7f5"], [/^VoteReply/, "#d9913a", "#c98a3c"], [/^VoteRequest/, "#a84f00", "#ffb866"],
  [/^(Propose|Query)/, "#00795a", "#7fe0bf"], [/^ClientReply/, "#4fb896", "#3c9f7f"], [/^Greeting/, "#8a7a4f", "#c9b984"], [/^(Leader|Status)/, "#777f88", "#a8b0ba"],
];
const otherKinds = ["#c45db3", "#999933", "#b5567f", "#3f9a5a", "#8383cf"];
const bad = "#e0262a";
const outcomeColours = { Done: ["#009e73", "#fff"], NotDone: ["#9aa3ad", "#000"], Unknown: ["#e7a9c8", "#000"] };
const writeColours = { Durable: "#6a6f78", Failed: bad, Interrupted: bad, Pending: "#b5b9c0" };
const faultColours = { Pause: "#7b5ea7", Disk: "#b35c00", Clock: "#8a6d00", Network: "#b35c00", Cut: "#8a1c14", Crash: bad, Restart: "#1b7f4d", Heal: "#1b7f4d" };

const roleColour = condition => condition < 0 ? unknownColour : roleColours[run.conditions[condition]] ?? unknownColour;

const fonts = { small: "11px system-ui, sans-serif", normal: "12px system-ui, sans-serif", bold: "600 12px system-ui, sans-serif" };

// The colours of the page, which follow the reader's light or dark scheme.
let ink = {};
let colourOfKind = [];

function readInk() {
  const dark = window.matchMedia("(prefers-color-scheme: dark)").matches, other = kind => otherKinds[kind % otherKinds.length];
  colourOfKind = run.kinds.map((name, kind) => kindColours.find(([pattern]) => pattern.test(name))?.[dark ? 2 : 1] ?? other(kind));
  const style = getComputedStyle(document.documentElement);
  for (const name of ["back", "panel", "ink", "muted", "line", "lane", "cursor", "bad", "cut", "cutink"]) ink[name] = style.getPropertyValue("--" + name).trim();
}

// A canvas of this size in points, as sharp as the screen.
function prepared(canvas, width, height) {
  const ratio = window.devicePixelRatio || 1;
  if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
    canvas.style.height = height + "px";
  }
  const pen = canvas.getContext("2d");
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  pen.clearRect(0, 0, width, height);
  pen.textBaseline = "middle";
  return pen;
}

// As much of a text as there is room for; nothing if that is not worth reading.
function fitted(pen, text, room) {
  if (room < 8) return "";
  if (pen.measureText(text).width <= room) return text;
  let low = 0, high = text.length;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (pen.measureText(text.slice(0, middle) + "…").width <= room) low = middle; else high = middle - 1;
  }
  return low < 2 ? "" : text.slice(0, low) + "…";
}

function line(pen, x1, y1, x2, y2, colour, width = 1, dash = []) {
  pen.strokeStyle = colour;
  pen.lineWidth = width;
  pen.setLineDash(dash);
  pen.beginPath();
  pen.moveTo(x1, y1);
  pen.lineTo(x2, y2);
  pen.stroke();
  pen.setLineDash([]);
}

function cross(pen, x, y, size, colour, width = 2) {
  line(pen, x - size, y - size, x + size, y + size, colour, width);
  line(pen, x - size, y + size, x + size, y - size, colour, width);
}

function triangle(pen, points, colour) {
  pen.fillStyle = colour;
  pen.beginPath();
  pen.moveTo(points[0], points[1]);
  pen.lineTo(points[2], points[3]);
  pen.lineTo(points[4], points[5]);
  pen.fill();
}

// The head of an arrow that comes from (x1, y1) and ends at (x2, y2).
function arrowHead(pen, x1, y1, x2, y2, colour, size = 7) {
  const length = Math.hypot(x2 - x1, y2 - y1) || 1, dx = (x2 - x1) / length, dy = (y2 - y1) / length, half = size * 0.42;
  triangle(pen, [x2, y2, x2 - dx * size + dy * half, y2 - dy * size - dx * half, x2 - dx * size - dy * half, y2 - dy * size + dx * half], colour);
}

function hatched(pen, x, y, width, height, colour) {
  if (width < 1) return;
  pen.save();
  pen.beginPath();
  pen.rect(x, y, width, height);
  pen.clip();
  pen.strokeStyle = colour;
  pen.lineWidth = 1.5;
  pen.beginPath();
  // Fixed to the origin, so that the pattern does not crawl when neighbours change.
  for (let start = Math.floor((x - height) / 7) * 7; start < x + width; start += 7) {
    pen.moveTo(start, y + height);
    pen.lineTo(start + height, y);
  }
  pen.stroke();
  pen.restore();
}

function drawAxis() {
  const height = 38, pen = prepared(byId("axis"), view.width, height);
  const steps = [1, 2, 5].flatMap(n => [0, 1, 2, 3, 4, 5, 6, 7].map(power => n * 10 ** power)).sort((a, b) => a - b);
  const step = steps.find(one => one / view.span * (view.width - gutter) >= 84) ?? steps[steps.length - 1];
  drawPhases(pen);
  pen.font = fonts.small;
  pen.textAlign = "center";
  for (let t = Math.ceil(view.from / step) * step; t <= until(); t += step) {
    const x = xOf(t);
    line(pen, x, 32, x, height, ink.muted);
    pen.fillStyle = ink.muted;
    if (x > gutter + 20 && x < view.width - 30 && Math.abs(x - xOf(view.cursor)) > 70) pen.fillText(timeText(t, step), x, 25);
  }
  pen.textAlign = "left";
  line(pen, 0, height - 0.5, view.width, height - 0.5, ink.line);
  drawFlags(pen, height);
}

function drawPhases(pen) {
  pen.font = fonts.small;
  run.phases.forEach(([at, name], i) => {
    const x = Math.max(gutter, xOf(at)), end = Math.min(view.width, xOf(i + 1 < run.phases.length ? run.phases[i + 1][0] : run.end));
    if (end <= x) return;
    pen.fillStyle = ink.lane;
    pen.fillRect(x, 1, end - x - 1, 15);
    pen.fillStyle = ink.ink;
    pen.fillText(fitted(pen, name, end - x - 10), x + 5, 9);
  });
}

// The cursor's time and the violation stand on the axis, above their lines.
function drawFlags(pen, height) {
  const flag = (t, text, colour, y) => {
    const x = xOf(t);
    if (x < gutter || x > view.width) return;
    pen.font = fonts.small;
    const width = pen.measureText(text).width + 8, left = Math.min(Math.max(gutter, x - width / 2), view.width - width);
    pen.fillStyle = colour;
    pen.fillRect(left, y - 8, width, 15);
    line(pen, x, y, x, height, colour, 1.5);
    pen.fillStyle = ink.back;
    pen.fillText(text, left + 4, y);
  };
  if (run.failedAt >= 0) flag(run.failedAt, "violation", ink.bad, 9);
  flag(view.cursor, timeText(view.cursor), ink.cursor, 25);
}
