// All events in the order of time, and the lines around the cursor.

// At one microsecond the earlier kind comes first: what arrives is before what it causes.
const eventTypes = ["phase", "fault", "faultEnd", "arrival", "operation", "sample", "write", "writeEnd", "message", "operationEnd", "note"];
const linesBefore = 60, linesAfter = 60, mostLooked = 200000;
const events = orderedEvents();         // { at, type, row }: columns

function orderedEvents() {
  const ended = (part, rows) => rows.filter(i => part.took[i] > 0);
  const all = part => Array.from(part.at, (_, i) => i), faults = run.faults, writes = run.writes, operations = run.operations;
  const sources = {
    phase: [run.phases.map((_, i) => i), i => run.phases[i][0]],
    fault: [all(faults), i => faults.at[i]], faultEnd: [ended(faults, all(faults)), i => faults.end[i]],
    arrival: [Array.from(run.messages.sent, (_, i) => i).filter(i => run.messages.took[i] >= 0), i => run.messages.end[i]],
    operation: [all(operations), i => operations.at[i]], operationEnd: [ended(operations, all(operations)), i => operations.end[i]],
    sample: [all(run.samples), i => run.samples.at[i]], note: [all(run.notes), i => run.notes.at[i]],
    write: [all(writes), i => writes.at[i]], writeEnd: [ended(writes, all(writes)), i => writes.end[i]],
    message: [Array.from(run.messages.sent, (_, i) => i), i => run.messages.sent[i]],
  };
  const times = [], types = [], rows = [];
  eventTypes.forEach((type, number) => {
    const [own, time] = sources[type];
    for (const i of own) {
      times.push(time(i));
      types.push(number);
      rows.push(i);
    }
  });
  const order = Uint32Array.from(times, (_, i) => i).sort((a, b) => times[a] - times[b] || a - b);
  return { at: Float64Array.from(order, i => times[i]), type: Uint8Array.from(order, i => types[i]), row: Uint32Array.from(order, i => rows[i]) };
}

// The lane that a line of the trace belongs to; -1 for the whole run.
function eventLane(type, i) {
  switch (type) {
    case "message": return run.messages.from[i];
    case "arrival": return run.messages.to[i];
    case "operation": case "operationEnd": return run.operations.lane[i];
    case "sample": return run.samples.node[i];
    case "write": case "writeEnd": return run.writes.node[i];
    case "fault": case "faultEnd": return run.faults.node[i];
    case "note": return run.notes.lane[i];
    default: return -1;
  }
}

function eventShown(event) {
  const type = eventTypes[events.type[event]], i = events.row[event];
  if (type === "message" || type === "arrival") return messageShown(i);
  const lane = eventLane(type, i);
  if (lane >= 0 && !laneShown(lane)) return false;
  if (view.onlyLost) return type === "fault" || type === "faultEnd" || type === "phase";
  return view.find === "" || traceText(type, i).toLowerCase().includes(view.find.toLowerCase());
}

function traceText(type, i) {
  const { messages, operations, faults, writes } = run;
  switch (type) {
    case "phase": return `phase ${run.phases[i][1]}`;
    case "message": return `→ ${run.laneNames[messages.to[i]]}  ${run.texts[messages.text[i]]}${messages.copy[i] ? " (copy)" : ""}`;
    case "arrival": {
      const fate = run.fates[messages.fate[i]], from = `← ${run.laneNames[messages.from[i]]}  ${run.texts[messages.text[i]]}`;
      return fate === "Delivered" ? from : `✕ ${words(fate)} ${from}`;
    }
    case "operation": return `${operations.query[i] ? "asks" : "proposes"} ${run.texts[operations.input[i]]}`;
    case "operationEnd": return `${run.texts[operations.input[i]]}: ${words(run.operationOutcomes[operations.outcome[i]])} ${run.texts[operations.output[i]]}`;
    case "sample": return sampleText(i);
    case "write": return `journal begins: ${run.texts[writes.text[i]]}`;
    case "writeEnd": return `journal ${words(run.writeOutcomes[writes.outcome[i]])}: ${run.texts[writes.text[i]]}`;
    case "fault": return faultText(i);
    case "faultEnd": return `end of ${faultText(i)}`;
    default: return run.texts[run.notes.text[i]];
  }
}

// "crash, 2 writes lost", "disk: writes take 40 ms": the kind is said once.
function faultText(i) {
  const kind = words(run.faultKinds[run.faults.kind[i]]), text = run.texts[run.faults.text[i]];
  return text.toLowerCase().startsWith(kind) ? text : `${kind}: ${text}`;
}

// What changed since the node's sample before.
function sampleText(row) {
  const samples = run.samples, own = run.samplesOf[samples.node[row]], place = lastUpTo(own.rows, row) - 1, before = place < 0 ? -1 : own.rows[place];
  const differs = name => before < 0 || samples[name][before] !== samples[name][row];
  const parts = [];
  if (differs("condition")) parts.push("is " + run.conditionNames[samples.condition[row]]);
  if (differs("term")) parts.push("term " + samples.term[row]);
  if (differs("leader")) parts.push(samples.leader[row] < 0 ? "no leader" : "leader " + run.laneNames[samples.leader[row]]);
  if (differs("last") || differs("lastTerm")) parts.push(`last ${samples.last[row]}/${samples.lastTerm[row]}`);
  for (const name of ["durable", "commit", "applied"]) if (differs(name)) parts.push(`${name} ${samples[name][row]}`);
  return parts.join(", ");
}

function linesAround() {
  const here = lastUpTo(events.at, view.cursor), before = [], after = [];
  for (let i = here; i >= 0 && before.length < linesBefore && here - i < mostLooked; i--) if (eventShown(i)) before.push(i);
  for (let i = here + 1; i < events.at.length && after.length < linesAfter && i - here < mostLooked; i++) if (eventShown(i)) after.push(i);
  return { before: before.reverse(), after };
}

function drawTrace() {
  const { before, after } = linesAround(), list = byId("trace");
  list.replaceChildren(...before.map(i => traceLine(i, false)), ...after.map(i => traceLine(i, true)));
  byId("tracehint").textContent = before.length + after.length > 0 ? "up to the cursor; what follows is grey" : "nothing (is all filtered away?)";
  const here = list.children[before.length - 1];
  if (!here) return;
  here.classList.add("here");
  list.scrollTop = here.offsetTop - list.offsetTop - list.clientHeight * 0.6;
}

function traceLine(event, later) {
  const type = eventTypes[events.type[event]], i = events.row[event], at = events.at[event], lane = eventLane(type, i);
  const row = lane >= 0 && lane < run.nodeCount ? sampleAt(run, lane, at) : -1;
  const who = lane < 0 ? "" : (run.nodes[lane] ?? run.laneNames[lane]) + (row < 0 ? "" : ` ${initials(run.conditionNames[run.samples.condition[row]])} t${run.samples.term[row]}`);
  const whose = el("span", "whose", who);
  whose.title = lane < 0 ? "" : run.laneNames[lane];
  whose.style.borderColor = row < 0 ? "transparent" : roleColour(run.samples.condition[row])[0];
  const text = traceText(type, i), trouble = text.startsWith("✕") || type === "fault" || (type === "writeEnd" && run.writeOutcomes[run.writes.outcome[i]] !== "Durable");
  const entry = el("li", later ? "later" : "", el("span", "when", timeText(at).slice(0, -2)), whose, el("span", trouble ? "bad" : "", text));
  entry.title = text;
  const item = itemOf(type, i);
  if (view.selected && item && view.selected.type === item.type && view.selected.i === item.i) entry.classList.add("chosen");
  entry.addEventListener("click", () => {
    view.selected = item;
    setCursor(at, true);
  });
  return entry;
}

const initials = name => ({ leader: "lead", follower: "foll", candidate: "cand", "pre-candidate": "pre", recovering: "recov", stopping: "stop", "installing-snapshot": "inst" })[name] ?? name;

// The thing that a line tells of; null if it is nothing that can be selected.
function itemOf(type, i) {
  const kind = { message: "message", arrival: "message", operation: "operation", operationEnd: "operation", write: "write", writeEnd: "write", fault: "fault", faultEnd: "fault" }[type];
  return kind ? { type: kind, i } : null;
}

// The time of a line of the trace some lines away from the cursor, of those that are shown.
function traceStep(count) {
  const step = Math.sign(count);
  let at = view.cursor;
  for (let i = step > 0 ? lastUpTo(events.at, at) + 1 : lastUpTo(events.at, at - 0.5); i >= 0 && i < events.at.length && count !== 0; i += step) {
    if (!eventShown(i) || events.at[i] === at) continue;
    at = events.at[i];
    count -= step;
  }
  return at;
}
