// What is so at the cursor: each node, its log, who reaches whom; and the details of what was clicked.

// An element with a class and its content; text is never read as HTML.
function el(tag, className, ...content) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  element.append(...content);
  return element;
}

function drawPanel() {
  const t = view.cursor, phase = run.phases.filter(([at]) => at <= t).pop();
  byId("now").textContent = timeText(t) + (phase ? ", " + phase[1] : "");
  drawNodeCards(t);
  drawRing(t);
  drawSelected();
}

function drawNodeCards(t) {
  const faults = faultsAt(run, t), rows = run.nodes.map((_, node) => sampleAt(run, node, t)), scale = logScale(rows);
  byId("nodes").replaceChildren(...run.nodes.map((_, node) => {
    const row = rows[node], samples = run.samples, condition = row < 0 ? -1 : samples.condition[row];
    const card = el("div", "node");
    card.style.borderColor = roleColour(condition)[0];
    const leader = row < 0 ? -1 : samples.leader[row];
    const role = row < 0 ? "nothing known yet" : `${run.conditionNames[condition]}, term ${samples.term[row]}`;
    const follows = leader >= 0 && leader !== node ? ", follows " + run.laneNames[leader] : "";
    const trouble = faults.filter(i => run.faults.node[i] === node).map(i => run.texts[run.faults.text[i]]).join(", ");
    card.append(el("div", "who", el("b", "", run.laneNames[node]), el("span", "", role + follows), el("span", "trouble", trouble)));
    if (row >= 0) card.append(logCanvas(row, scale), el("div", "marks", marksText(row)));
    return card;
  }));
}

function marksText(row) {
  const samples = run.samples, last = `last ${samples.last[row]}${samples.lastTerm[row] > 0 ? "/" + samples.lastTerm[row] : ""}`;
  if (run.conditions[samples.condition[row]] === "Down") return `on disk: log up to ${samples.durable[row]}`;
  return `${last} · durable ${samples.durable[row]} · commit ${samples.commit[row]} · applied ${samples.applied[row]}`;
}

// One scale for all nodes, so that they can be compared: from the shortest of what is known to the longest log, but not more than can be seen.
function logScale(rows) {
  const known = rows.filter(row => row >= 0), samples = run.samples;
  const marks = row => run.conditions[samples.condition[row]] === "Down" ? [samples.durable[row]]
    : [samples.durable[row], samples.commit[row], samples.applied[row]];
  const high = Math.max(1, ...known.map(row => samples.last[row])), low = Math.min(high, ...known.flatMap(marks));
  return { low: Math.max(0, Math.min(low - 3, high - 20), high - 400), high };
}

// A log as in the figures of the Raft paper: a box for each entry, filled by how far it got. What is not durable has a dashed border, even if it is committed: a leader's own
// disk may be the slowest.
function logCanvas(row, scale) {
  const canvas = document.createElement("canvas"), width = Math.max(200, byId("nodes").clientWidth - 14), pen = prepared(canvas, width, 14), samples = run.samples;
  pen.font = "10px system-ui, sans-serif";
  pen.fillStyle = ink.muted;
  const start = scale.low > 0 ? `1…${scale.low}` : "", left = start ? 44 : 0, right = width - 40;
  pen.fillText(start, 0, 7.5);
  const cell = (right - left) / (scale.high - scale.low), gap = cell >= 5 ? 1 : 0, x = index => left + (index - scale.low) * cell;
  for (let index = scale.low + 1; index <= scale.high; index++) {
    const at = x(index - 1), applied = index <= samples.applied[row], committed = index <= samples.commit[row], durable = index <= samples.durable[row];
    if (index > Math.max(samples.last[row], samples.durable[row])) break;
    pen.fillStyle = applied ? "#0b4f80" : committed ? "#4d94c4" : durable ? "#bfd9ec" : ink.back;
    pen.fillRect(at, 2, Math.max(cell - gap, 0.5), 10);
    if (!durable || gap > 0) {
      pen.strokeStyle = durable ? "#0b4f80" : bad;
      pen.setLineDash(durable ? [] : [2, 2]);
      pen.lineWidth = 1;
      pen.strokeRect(at + 0.5, 2.5, Math.max(cell - gap - 1, 0.5), 9);
      pen.setLineDash([]);
    }
  }
  pen.fillStyle = ink.muted;
  pen.fillText(String(samples.last[row]), right + 4, 7.5);
  return canvas;
}

// The nodes in a ring: a line where both directions work, an arrow where only one does, nothing where none does.
function drawRing(t) {
  const n = run.nodeCount, reach = reachAt(run, t), size = 96, pen = prepared(byId("ring"), size, size), away = size / 2 - 13;
  const place = i => [size / 2 + away * Math.sin(2 * Math.PI * i / n), size / 2 - away * Math.cos(2 * Math.PI * i / n)];
  for (let a = 0; a < n; a++) {
    for (let b = a + 1; b < n; b++) drawTie(pen, place(a), place(b), reach[a][b], reach[b][a]);
  }
  pen.textAlign = "center";
  pen.font = fonts.small;
  for (let i = 0; i < n; i++) {
    const row = sampleAt(run, i, t), [x, y] = place(i), [fill, text] = roleColour(row < 0 ? -1 : run.samples.condition[row]);
    pen.fillStyle = fill;
    pen.beginPath();
    pen.arc(x, y, 11, 0, 2 * Math.PI);
    pen.fill();
    pen.fillStyle = text;
    pen.fillText(fitted(pen, run.nodes[i], 18) || run.nodes[i].slice(0, 2), x, y + 0.5);
  }
  pen.textAlign = "left";
  const cuts = faultsAt(run, t).filter(i => run.faults.node[i] < 0).map(faultText);
  byId("cuts").className = cuts.length > 0 ? "bad" : "";
  byId("cuts").textContent = cuts.length > 0 ? cuts.join("\n") : n > 1 ? "the network is whole" : "";
}

function drawTie(pen, [ax, ay], [bx, by], there, back) {
  if (!there && !back) return;
  if (there && back) {
    line(pen, ax, ay, bx, by, ink.muted, 1.5);
    return;
  }
  const [x1, y1, x2, y2] = there ? [ax, ay, bx, by] : [bx, by, ax, ay], length = Math.hypot(x2 - x1, y2 - y1), tip = 1 - 12 / length;
  line(pen, x1, y1, x2, y2, bad, 1.5, [3, 3]);
  arrowHead(pen, x1, y1, x1 + (x2 - x1) * tip, y1 + (y2 - y1) * tip, bad, 9);
}

function drawSelected() {
  const chosen = byId("selected");
  chosen.hidden = view.selected === null;
  if (view.selected) chosen.textContent = details(view.selected);
}

const fateTexts = {
  Delivered: "delivered", InFlight: "still under way at the end of the run", Lost: "lost by the network", Cut: "lost: a cut was in its way",
  ReceiverDown: "lost: the receiver was down, or had restarted",
};

// Everything that is known of an item, for its box and for the mouse.
function details({ type, i }) {
  const part = run[type + "s"];
  const lasted = () => part.took[i] < 0 ? `${timeText(part.at[i])}, never ended` : part.took[i] === 0 ? timeText(part.at[i])
    : `${timeText(part.at[i])} to ${timeText(part.end[i])} (${lengthText(part.took[i])})`;
  switch (type) {
    case "message": {
      const fate = run.fates[part.fate[i]], end = fate === "InFlight" ? "" : ` at ${timeText(part.end[i])}, after ${lengthText(part.took[i])}`;
      return `${run.texts[part.text[i]]}\n${run.laneNames[part.from[i]]} → ${run.laneNames[part.to[i]]}${part.copy[i] ? ", a copy made by the network" : ""}\n`
        + `sent at ${timeText(part.sent[i])}, ${fateTexts[fate]}${end}`;
    }
    case "fault":
      return `${part.node[i] < 0 ? "" : run.laneNames[part.node[i]] + ": "}${faultText(i)}\n${lasted()}`;
    case "write":
      return `journal of ${run.laneNames[part.node[i]]}: ${run.texts[part.text[i]]}\n${words(run.writeOutcomes[part.outcome[i]])}\n${lasted()}`;
    case "operation": {
      const outcome = run.operationOutcomes[part.outcome[i]], output = run.texts[part.output[i]];
      const what = { Done: "result " + output, NotDone: "surely not done: " + output, Unknown: "may have been done: " + (output || "no answer") }[outcome];
      return `${run.laneNames[part.lane[i]]}, ${part.query[i] ? "query" : "command"} ${part.number[i]}: ${run.texts[part.input[i]]}\n${what}`
        + `${part.index[i] > 0 ? ", index " + part.index[i] : ""}\n${lasted()}`;
    }
    default:
      return traceText(type, i);
  }
}
