// The run as it was recorded: RunJson.cs is the other side. Times are microseconds of virtual time.

const byId = id => document.getElementById(id);

// One array of times from the differences between them.
function summed(steps) {
  const times = new Float64Array(steps.length);
  let now = 0;
  for (let i = 0; i < steps.length; i++) times[i] = now += steps[i];
  return times;
}

// Where something ended; what never ended lasts as long as the run.
function ends(begin, took, runEnd) {
  const times = new Float64Array(begin.length);
  for (let i = 0; i < begin.length; i++) times[i] = took[i] < 0 ? Math.max(runEnd, begin[i]) : begin[i] + took[i];
  return times;
}

// The number of the last time that is not after t; -1 if all are.
function lastUpTo(times, t) {
  let low = 0, high = times.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (times[middle] <= t) low = middle + 1; else high = middle;
  }
  return low - 1;
}

function readRun(json) {
  const run = json;
  run.nodeCount = run.nodes.length;
  run.laneNames = run.nodes.map(name => /^\d+$/.test(name) ? "node " + name : name).concat(Array.from({ length: run.clients }, (_, i) => "client " + (i + 1)));
  run.conditionNames = run.conditions.map(words);
  for (const part of [run.samples, run.faults, run.writes, run.operations, run.notes]) part.at = summed(part.at);
  run.messages.sent = summed(run.messages.sent);
  run.messages.end = ends(run.messages.sent, run.messages.took, run.end);
  for (const part of [run.faults, run.writes, run.operations]) part.end = ends(part.at, part.took, run.end);
  run.samplesOf = run.nodes.map((_, node) => samplesOf(run, node));
  run.stretchesOf = run.samplesOf.map(own => stretches(run, own));
  run.blocks = ["messages", "writes", "operations"].reduce((all, name) => ({ ...all, [name]: blockEnds(run[name].end) }), {});
  return run;
}

// "PreCandidate" -> "pre-candidate"
function words(name) {
  return name.replace(/(?!^)[A-Z]/g, letter => "-" + letter).toLowerCase();
}

function samplesOf(run, node) {
  const rows = [];
  run.samples.node.forEach((other, row) => { if (other === node) rows.push(row); });
  return { at: Float64Array.from(rows, row => run.samples.at[row]), rows };
}

// How long a node had one condition and one term: a bar of the picture.
function stretches(run, own) {
  const found = [];
  const samples = run.samples;
  own.rows.forEach((row, i) => {
    const last = found[found.length - 1];
    if (last && last.condition === samples.condition[row] && last.term === samples.term[row]) return;
    if (last) last.end = own.at[i];
    found.push({ begin: own.at[i], end: run.end, condition: samples.condition[row], term: samples.term[row] });
  });
  return { list: found, begins: Float64Array.from(found, one => one.begin) };
}

// What was sent long ago may still be under way: each block of rows knows its latest end, so that a search in a window can skip the others.
const blockSize = 256;

function blockEnds(end) {
  const latest = new Float64Array(Math.ceil(end.length / blockSize));
  for (let i = 0; i < end.length; i++) latest[i / blockSize | 0] = Math.max(latest[i / blockSize | 0], end[i]);
  return latest;
}

// Calls back for each row of a kind that touches the window, in the order of beginning; false from the callback stops it.
function within(run, name, begins, from, to, each) {
  const end = run[name].end, latest = run.blocks[name], stop = lastUpTo(begins, to);
  for (let block = 0; block * blockSize <= stop; block++) {
    if (latest[block] < from) continue;
    const last = Math.min(stop, block * blockSize + blockSize - 1);
    for (let i = block * blockSize; i <= last; i++) {
      if (end[i] >= from && each(i) === false) return;
    }
  }
}

// The row of a node's state at a time; -1 before the first.
function sampleAt(run, node, t) {
  const own = run.samplesOf[node], i = lastUpTo(own.at, t);
  return i < 0 ? -1 : own.rows[i];
}

// The faults in force; one that is only a moment never is.
function faultsAt(run, t) {
  const faults = run.faults, found = [];
  for (let i = 0; i < faults.at.length && faults.at[i] <= t; i++) {
    if (faults.took[i] !== 0 && (t < faults.end[i] || faults.took[i] < 0)) found.push(i);
  }
  return found;
}

// reach[a][b]: whether a message from a may arrive at b.
function reachAt(run, t) {
  const reach = run.laneNames.map(() => run.laneNames.map(() => true));
  for (const fault of faultsAt(run, t)) {
    const cut = run.faults.cut[fault];
    for (let i = 0; i < cut.length; i += 2) reach[cut[i]][cut[i + 1]] = false;
  }
  return reach;
}

const run = readRun(JSON.parse(byId("data").textContent));
