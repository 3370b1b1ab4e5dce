// The lanes: nodes with their roles, faults and journal writes; the network's cuts above them, the clients' operations below.

const markHeight = 18, bandHeight = 20, clientHeight = run.clients > 8 ? 16 : 22, networkRow = 19;
let lanes = [];                         // those shown, from top to bottom: { lane, row, isNode, y, height, bandTop, bandBottom }
let laneByNumber = [];
let networkHeight = 0;
let spots = [];                         // what the mouse can find: { x, y, width, height, item }
const networkRows = rowsOfNetwork();

const laneAt = number => laneByNumber[number];

// Cuts may overlap in time; each gets the first row that is free.
function rowsOfNetwork() {
  const free = [], rowOf = new Map();
  run.faults.at.forEach((at, i) => {
    if (run.faults.node[i] >= 0) return;
    let row = free.findIndex(end => end <= at);
    if (row < 0) row = Math.min(free.length, 3);
    free[row] = Math.max(run.faults.end[i], free[row] ?? 0);
    rowOf.set(i, row);
  });
  return { rowOf, count: free.length };
}

function layOut(room) {
  networkHeight = networkRows.count > 0 ? networkRows.count * networkRow + 6 : 0;
  const shown = run.laneNames.map((_, lane) => lane).filter(laneShown);
  const nodes = shown.filter(lane => lane < run.nodeCount).length, clients = shown.length - nodes;
  const nodeHeight = Math.min(150, Math.max(72, (room - networkHeight - clients * clientHeight - 8) / Math.max(1, nodes) | 0));
  let y = networkHeight;
  laneByNumber = [];
  lanes = shown.map((lane, row) => {
    const isNode = lane < run.nodeCount, height = isNode ? nodeHeight : clientHeight, bandTop = y + (isNode ? markHeight : 2);
    const one = { lane, row, isNode, y, height, bandTop, bandBottom: bandTop + (isNode ? bandHeight : clientHeight - 4) };
    laneByNumber[lane] = one;
    y += height;
    return one;
  });
  return Math.max(room, y + 8);
}

function drawLanes() {
  const scroller = byId("scroller"), height = layOut(scroller.clientHeight);
  const pen = prepared(byId("lanes"), view.width, height);
  spots = [];
  for (const lane of lanes) {
    pen.fillStyle = lane.row % 2 === 0 ? ink.lane : ink.back;
    pen.fillRect(0, lane.y, view.width, lane.height);
  }
  pen.save();
  pen.beginPath();
  pen.rect(gutter, 0, view.width - gutter, height);
  pen.clip();
  drawNetwork(pen, height);
  drawMessages(pen);
  for (const lane of lanes) {
    if (lane.isNode) drawNode(pen, lane); else drawClient(pen, lane);
  }
  if (run.end < until()) line(pen, xOf(run.end), 0, xOf(run.end), height, ink.muted, 1, [2, 3]);
  if (run.failedAt >= 0) line(pen, xOf(run.failedAt), 0, xOf(run.failedAt), height, ink.bad, 4);
  line(pen, xOf(view.cursor), 0, xOf(view.cursor), height, ink.cursor, 1);
  pen.restore();
  drawNames(pen);
}

function drawNames(pen) {
  if (networkHeight > 0) {
    pen.font = fonts.small;
    pen.fillStyle = ink.muted;
    pen.fillText("network", 8, networkHeight / 2);
  }
  for (const lane of lanes) {
    pen.font = lane.isNode ? fonts.bold : fonts.small;
    pen.fillStyle = lane.isNode ? ink.ink : ink.muted;
    pen.fillText(fitted(pen, run.laneNames[lane.lane], gutter - 14), 8, (lane.bandTop + lane.bandBottom) / 2);
  }
  line(pen, gutter - 0.5, 0, gutter - 0.5, pen.canvas.clientHeight, ink.line);
}

function spot(x, y, width, height, type, i) {
  spots.push({ x: x - 1, y, width: Math.max(width, 3) + 2, height, item: { type, i } });
}

function drawNetwork(pen, height) {
  for (const [i, row] of networkRows.rowOf) {
    const faults = run.faults;
    if (faults.end[i] < view.from || faults.at[i] > until()) continue;
    const x = Math.max(gutter - 4, xOf(faults.at[i])), end = Math.min(view.width + 4, xOf(faults.end[i])), y = 3 + row * networkRow;
    const kind = run.faultKinds[faults.kind[i]], text = run.texts[faults.text[i]], moment = faults.took[i] === 0;
    const dashed = at => { if (at > gutter && at < view.width) line(pen, at, y, at, height, faultColours[kind], 1, [2, 4]); };
    if (end - x > 8 || moment) [xOf(faults.at[i]), xOf(faults.end[i])].forEach(dashed);
    pen.font = fonts.small;
    if (moment) {
      pen.fillStyle = ink.ink;
      const width = pen.measureText(text).width, left = x + width + 8 > view.width ? x - width - 4 : x + 4;
      grounded(pen, text, left, y + 8, ink.ink);
      spot(left - 2, y, width + 6, 16, "fault", i);
      continue;
    }
    pen.fillStyle = kind === "Cut" ? ink.cut : ink.lane;
    pen.fillRect(x, y, Math.max(2, end - x), 16);
    pen.strokeStyle = faultColours[kind];
    pen.lineWidth = 1;
    pen.strokeRect(x + 0.5, y + 0.5, Math.max(1, end - x - 1), 15);
    pen.fillStyle = kind === "Cut" ? ink.cutink : ink.ink;
    pen.fillText(fitted(pen, text, end - x - 8), x + 4, y + 8.5);
    spot(x, y, end - x, 16, "fault", i);
  }
}

function drawNode(pen, lane) {
  const labels = drawRoles(pen, lane), marks = [];
  drawWrites(pen, lane);
  run.faults.node.forEach((node, i) => {
    if (node === lane.lane && run.faults.end[i] >= view.from && run.faults.at[i] <= until()) marks.push(i);
  });
  const isMoment = i => run.faults.took[i] === 0;
  marks.filter(i => !isMoment(i)).forEach(i => drawSpan(pen, lane, i));
  drawRoleLabels(pen, lane, labels);
  marks.filter(isMoment).forEach(i => drawMoment(pen, lane, i));
  drawMarkTexts(pen, lane, marks);
}

// Each mark has its text if there is room before the next one; all of a lane share one line.
function drawMarkTexts(pen, lane, marks) {
  const startOf = i => Math.max(gutter, xOf(run.faults.at[i])), sorted = marks.map(i => [startOf(i), i]).sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  pen.font = fonts.small;
  let free = 0;
  sorted.forEach(([x, i], n) => {
    const moment = run.faults.took[i] === 0, next = n + 1 < sorted.length ? sorted[n + 1][0] : view.width, left = x + (moment ? 8 : 2);
    const room = next - left - 8, text = run.texts[run.faults.text[i]], shown = moment && pen.measureText(text).width > room ? "" : fitted(pen, text, room);
    if (left < free || shown === "") return;
    grounded(pen, shown, left, lane.bandTop - (moment ? 8.5 : 11), ink.ink);
    free = left + pen.measureText(shown).width + 4;
  });
}

// Returns the labels: they are drawn last.
function drawRoles(pen, lane) {
  const { list, begins } = run.stretchesOf[lane.lane], labels = [];
  for (let i = Math.max(0, lastUpTo(begins, view.from)); i < list.length && list[i].begin <= until(); i++) {
    const one = list[i], x = Math.max(gutter, xOf(one.begin)), end = Math.min(view.width, xOf(one.end)), [fill, text] = roleColour(one.condition);
    if (end < gutter) continue;
    const width = Math.max(1, end - x), name = run.conditions[one.condition];
    pen.fillStyle = fill;
    pen.fillRect(x, lane.bandTop, width, bandHeight);
    if (name === "Down") hatched(pen, x, lane.bandTop, width, bandHeight, "#8a8a8a");
    if (width > 3) line(pen, x + 0.5, lane.bandTop, x + 0.5, lane.bandBottom, ink.back);
    const label = roleLabel(pen, one, width);
    if (label !== "") labels.push({ label, left: x + (label.startsWith("t") ? 2 : 5), fill, text });
  }
  return labels;
}

function roleLabel(pen, one, width) {
  pen.font = fonts.small;
  const down = run.conditions[one.condition] === "Down", long = down ? "down" : `${run.conditionNames[one.condition]} t${one.term}`, short = down ? "" : "t" + one.term;
  return pen.measureText(long).width <= width - 8 ? long : pen.measureText(short).width <= width - 4 ? short : "";
}

// Over the hatching of what is down or paused.
function drawRoleLabels(pen, lane, labels) {
  pen.font = fonts.small;
  for (const { label, left, fill, text } of labels) {
    pen.fillStyle = fill;
    pen.fillRect(left - 2, lane.bandTop + 3, pen.measureText(label).width + 4, bandHeight - 6);
    pen.fillStyle = text;
    pen.fillText(label, left, lane.bandTop + bandHeight / 2 + 0.5);
  }
}

function drawWrites(pen, lane) {
  const writes = run.writes, y = lane.bandBottom + 2;
  let painted = -1;                     // the last pixel that has a bar: thousands may share it
  within(run, "writes", writes.at, view.from, until(), i => {
    if (writes.node[i] !== lane.lane) return;
    const outcome = run.writeOutcomes[writes.outcome[i]], x = xOf(writes.at[i]), end = xOf(writes.end[i]), trouble = outcome === "Failed" || outcome === "Interrupted";
    if (end <= painted && !trouble) return;
    painted = Math.max(painted, Math.floor(end) + 1);
    pen.fillStyle = writeColours[outcome];
    pen.fillRect(x, y, Math.max(1, end - x), 4);
    if (trouble) cross(pen, end, y + 2, 3.5, bad, 1.5);
    spot(x, y - 1, end - x, 7, "write", i);
  });
}

function drawSpan(pen, lane, i) {
  const faults = run.faults, kind = run.faultKinds[faults.kind[i]], colour = faultColours[kind];
  const x = Math.max(gutter, xOf(faults.at[i])), end = Math.min(view.width, xOf(faults.end[i])), width = Math.max(2, end - x);
  pen.fillStyle = colour;
  pen.fillRect(x, lane.bandTop - 4, width, 3);
  if (kind === "Pause") hatched(pen, x, lane.bandTop, width, bandHeight, "#ffffffb0");
  if (kind === "Pause") hatched(pen, x + 3, lane.bandTop, width - 3, bandHeight, colour);
  spot(x, lane.y, width, markHeight, "fault", i);
}

// Text that messages may cross.
function grounded(pen, text, x, y, colour) {
  if (text === "") return;
  pen.globalAlpha = 0.8;
  pen.fillStyle = ink.back;
  pen.fillRect(x - 2, y - 7, pen.measureText(text).width + 4, 13);
  pen.globalAlpha = 1;
  pen.fillStyle = colour;
  pen.fillText(text, x, y);
}

// A crash, a restart, a jump of the clock.
function drawMoment(pen, lane, i) {
  const faults = run.faults, kind = run.faultKinds[faults.kind[i]], x = xOf(faults.at[i]), y = lane.y + 9, colour = faultColours[kind];
  if (kind === "Crash") cross(pen, x, y, 4.5, colour, 2.5);
  else if (kind === "Restart") triangle(pen, [x, y - 6, x + 5, y + 4, x - 5, y + 4], colour);
  else {
    pen.fillStyle = colour;
    pen.fillRect(x - 3.5, y - 3.5, 7, 7);
  }
  if (kind === "Crash") line(pen, x, lane.bandTop - 3, x, lane.bandBottom, colour, 2);
  spot(x - 5, lane.y, 10, markHeight, "fault", i);
}

function drawClient(pen, lane) {
  const operations = run.operations;
  pen.font = fonts.small;
  within(run, "operations", operations.at, view.from, until(), i => {
    if (operations.lane[i] !== lane.lane) return;
    const x = Math.max(gutter, xOf(operations.at[i])), end = Math.min(view.width, xOf(operations.end[i])), width = Math.max(1, end - x - 0.5);
    const outcome = run.operationOutcomes[operations.outcome[i]], [fill, text] = outcomeColours[outcome], height = lane.bandBottom - lane.bandTop;
    pen.fillStyle = fill;
    pen.globalAlpha = operations.query[i] && outcome === "Done" ? 0.6 : 1;
    pen.fillRect(x, lane.bandTop, width, height);
    pen.globalAlpha = 1;
    if (outcome === "Unknown") hatched(pen, x, lane.bandTop, width, height, "#b0357a70");
    pen.fillStyle = text;
    pen.fillText(fitted(pen, operationText(i), width - 6), x + 3, lane.bandTop + height / 2 + 0.5);
    if (view.selected?.type === "operation" && view.selected.i === i) {
      pen.strokeStyle = ink.cursor;
      pen.lineWidth = 2;
      pen.strokeRect(x, lane.bandTop, width, height);
    }
    spot(x, lane.bandTop, width, height, "operation", i);
  });
}

function operationText(i) {
  const operations = run.operations, input = run.texts[operations.input[i]], output = run.texts[operations.output[i]];
  return run.operationOutcomes[operations.outcome[i]] === "Done" ? `${input} → ${output}` : input;
}

// What is under the mouse; the small things first.
function itemAt(x, y) {
  if (x < gutter) return null;
  const found = spots.filter(one => x >= one.x && x <= one.x + one.width && y >= one.y && y <= one.y + one.height);
  return found.length > 0 ? found[found.length - 1].item : arrowAt(x, y);
}
