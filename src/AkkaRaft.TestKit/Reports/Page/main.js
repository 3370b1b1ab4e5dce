// Head of the page, overview, and the start.

let overviewPicture = null;             // drawn once for a width: only the window moves over it

function draw() {
  view.width = byId("scroller").clientWidth;
  readInk();
  drawOverview();
  drawAxis();
  drawLanes();
  if (!panelChanged) return;
  panelChanged = false;
  drawPanel();
  drawTrace();
}

function drawOverview() {
  const band = 6, height = 8 + run.nodeCount * (band + 1) + 14, pen = prepared(byId("overview"), view.width, height);
  const scale = t => gutter + t / longest * (view.width - gutter);
  const wanted = `${view.width} ${window.devicePixelRatio}`;
  if (overviewPicture?.wanted !== wanted) overviewPicture = { wanted, canvas: paintOverview(height, band, scale) };
  pen.drawImage(overviewPicture.canvas, 0, 0, view.width, height);
  const x = scale(view.from), end = scale(until());
  pen.fillStyle = ink.cursor;
  pen.globalAlpha = 0.12;
  pen.fillRect(x, 0, end - x, height);
  pen.globalAlpha = 1;
  pen.strokeStyle = ink.cursor;
  pen.lineWidth = 1;
  pen.strokeRect(x + 0.5, 0.5, Math.max(3, end - x - 1), height - 1);
  line(pen, scale(view.cursor), 0, scale(view.cursor), height, ink.cursor);
  if (run.failedAt >= 0) line(pen, scale(run.failedAt), 0, scale(run.failedAt), height, ink.bad, 2);
}

function paintOverview(height, band, scale) {
  const canvas = document.createElement("canvas"), pen = prepared(canvas, view.width, height), faultsY = 6 + run.nodeCount * (band + 1);
  pen.font = fonts.small;
  pen.fillStyle = ink.muted;
  pen.fillText("whole run", 8, height / 2);
  run.stretchesOf.forEach(({ list }, node) => {
    for (const one of list) {
      pen.fillStyle = roleColour(one.condition)[0];
      pen.fillRect(scale(one.begin), 4 + node * (band + 1), Math.max(0.7, scale(one.end) - scale(one.begin)), band);
    }
  });
  run.faults.at.forEach((at, i) => {
    const kind = run.faultKinds[run.faults.kind[i]];
    pen.fillStyle = faultColours[kind];
    pen.globalAlpha = kind === "Crash" ? 1 : 0.5;
    pen.fillRect(scale(at), faultsY + (kind === "Cut" ? 1 : kind === "Crash" ? 0 : 7), Math.max(1.5, scale(run.faults.end[i]) - scale(at)), kind === "Crash" ? 12 : 5);
  });
  pen.globalAlpha = 1;
  return canvas;
}

function swatch(fill, pattern) {
  const canvas = el("canvas", "swatch"), pen = prepared(canvas, 16, 13);
  canvas.style.width = "16px";
  pen.fillStyle = fill;
  pen.fillRect(0, 0, 16, 13);
  if (pattern) hatched(pen, 0, 0, 16, 13, pattern);
  return canvas;
}

function lineSwatch(colour, how) {
  const canvas = el("canvas", "swatch"), pen = prepared(canvas, 24, 13);
  canvas.style.width = "24px";
  line(pen, 0, 6.5, 22, 6.5, colour, 2, how === "dashed" ? [5, 3] : []);
  if (how === "crossed") cross(pen, 18, 6.5, 4, bad);
  else arrowHead(pen, 0, 6.5, 24, 6.5, colour);
  return canvas;
}

function writeHead() {
  byId("title").textContent = run.title;
  byId("title").title = run.title;
  byId("seed").textContent = "seed " + run.seed + (run.replay ? " · " + run.replay : "");
  byId("seed").title = run.replay ? "To run it again: " + run.replay : "";
  byId("verdict").className = run.failure === null ? "good" : "bad";
  byId("verdict").textContent = run.failure === null ? "✓ nothing went wrong" : "✕ failed" + (run.failedAt >= 0 ? " at " + timeText(run.failedAt) : "");
  byId("failure").textContent = run.failure ?? "";
  byId("violation").hidden = run.failedAt < 0;
  byId("evidence").hidden = run.picture === null;
  if (run.picture !== null) byId("exhibitpicture").src = "data:image/svg+xml;charset=utf-8," + encodeURIComponent(run.picture);
  const named = (picture, text) => el("span", "key", picture, text);
  byId("legend").append(
    ...["Leader", "Candidate", "PreCandidate", "Follower", "Recovering"].map(name => named(swatch(roleColours[name][0]), words(name))),
    named(swatch(roleColours.Down[0], "#8a8a8a"), "down"), named(swatch(roleColours.Follower[0], faultColours.Pause), "paused"),
    named(lineSwatch("#2f5f98"), "message"), named(lineSwatch("#2f5f98", "crossed"), "lost"), named(lineSwatch("#2f5f98", "dashed"), "copy"),
    ...(run.clients > 0 ? [named(swatch(outcomeColours.Done[0]), "done"), named(swatch(outcomeColours.NotDone[0]), "not done"),
      named(swatch(outcomeColours.Unknown[0], "#b0357a70"), "unknown")] : []));
  if (run.omitted > 0) byId("legend").append(el("span", "key", `The oldest ${run.omitted.toLocaleString("en")} rows are not in this page.`));
}

// A chip that can be switched off; a double click leaves it alone of its row on.
function chip(text, picture, hidden, number, all) {
  const one = el("button", "chip", ...(picture ? [picture] : []), ...text);
  const mark = () => all.forEach(other => other.button.classList.toggle("off", hidden.has(other.number)));
  all.push({ button: one, number });
  one.title = "Click: hide or show. Double click: only this one, or all";
  one.onclick = () => {
    if (!hidden.delete(number)) hidden.add(number);
    mark();
    changed();
  };
  one.ondblclick = () => {
    const alone = all.every(other => other.number === number || hidden.has(other.number));
    hidden.clear();
    if (!alone) all.forEach(other => { if (other.number !== number) hidden.add(other.number); });
    mark();
    changed();
  };
  return one;
}

function writeFilters() {
  const counts = run.kinds.map(() => 0), kinds = [], nodes = [], filters = byId("filters");
  for (const kind of run.messages.kind) counts[kind]++;
  const lost = el("button", "chip off", "only lost");
  lost.title = "Only messages that did not arrive";
  lost.onclick = () => {
    view.onlyLost = !view.onlyLost;
    lost.classList.toggle("off", !view.onlyLost);
    changed();
  };
  const text = el("input");
  text.id = "find";
  text.placeholder = "find in messages (/)";
  text.oninput = () => find(text.value);
  text.onkeydown = event => { if (event.key === "Escape" || event.key === "Enter") text.blur(); };
  filters.append(el("span", "group", el("small", "", "messages"), ...run.kinds.map((name, kind) =>
    chip([name, el("small", "", counts[kind].toLocaleString("en"))], lineSwatch(colourOfKind[kind]), view.hiddenKinds, kind, kinds)), lost, text));
  const lanes = run.clients > 0 ? [...run.nodes, "clients"] : run.nodes;
  filters.append(el("span", "group", el("small", "", "lanes"), ...lanes.map((name, lane) => chip([name], null, view.hiddenLanes, lane, nodes))));
}

readInk();
writeHead();
writeFilters();
view.width = byId("scroller").clientWidth;
if (run.failedAt >= 0) view.cursor = run.failedAt;
readPlace();
listen();
draw();
