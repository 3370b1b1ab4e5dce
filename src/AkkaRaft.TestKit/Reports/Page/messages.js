// Messages as arrows between the lanes; as bars that count them where arrows would be a smear.

const mostArrows = 1500;
const mostLabels = 45;
let arrows = [];                        // what is drawn: { i, x1, y1, x2, y2 }, for the mouse

// y1 and y2 of an arrow: from edge to edge of the two lanes' bands.
function arrowEnds(from, to) {
  const a = laneAt(from), b = laneAt(to);
  return a.y < b.y ? [a.bandBottom, b.bandTop] : [a.bandTop, b.bandBottom];
}

function drawMessages(pen) {
  const visible = [];
  let count = 0, lost = 0;
  within(run, "messages", run.messages.sent, view.from, until(), i => {
    if (!messageShown(i)) return;
    count++;
    if (visible.length <= mostArrows) visible.push(i);
    if (run.messages.fate[i] > 1) lost++;
  });
  arrows = [];
  if (count <= mostArrows) {
    drawArrows(pen, visible);
    byId("hint").textContent = count === 0 && run.messages.sent.length > 0 ? "no messages here" : "";
  } else {
    drawDensity(pen);
    byId("hint").textContent = `${count.toLocaleString("en")} messages here, ${lost.toLocaleString("en")} lost: zoom in to see them as arrows (up to ${mostArrows.toLocaleString("en")})`;
  }
}

function drawArrows(pen, visible) {
  const messages = run.messages, faint = visible.length > 500 ? 0.45 : visible.length > 150 ? 0.7 : 1, heads = visible.length <= 900;
  for (const i of visible) {
    const [y1, top] = arrowEnds(messages.from[i], messages.to[i]), fate = run.fates[messages.fate[i]];
    const x1 = xOf(messages.sent[i]), missed = fate !== "Delivered" && fate !== "InFlight";
    // What is lost at once has no way to show; it ends half-way, and what is lost on arrival just before it.
    const way = !missed ? 1 : messages.took[i] < 50 ? 0.4 : 0.85;
    const x2 = missed ? Math.max(xOf(messages.end[i]), x1 + 6) : xOf(messages.end[i]), y2 = y1 + (top - y1) * way;
    const chosen = view.selected?.type === "message" && view.selected.i === i, colour = chosen ? ink.cursor : colourOfKind[messages.kind[i]];
    pen.globalAlpha = chosen ? 1 : faint;
    line(pen, x1, y1, x2, y2, colour, chosen ? 3 : 1.2, messages.copy[i] ? [5, 3] : fate === "InFlight" ? [1, 3] : []);
    if (!missed && heads) arrowHead(pen, x1, y1, x2, y2, colour);
    pen.globalAlpha = 1;
    if (missed) cross(pen, x2, y2, heads ? 4 : 2.5, bad, heads ? 2 : 1.2);
    arrows.push({ i, x1, y1, x2, y2 });
  }
  if (visible.length <= mostLabels) labelArrows(pen);
}

// A label where no other one is; the rest is for the mouse.
function labelArrows(pen) {
  const taken = [];
  pen.font = fonts.small;
  for (const { i, x1, y1, x2, y2 } of arrows) {
    const text = fitted(pen, run.texts[run.messages.text[i]], 300), width = pen.measureText(text).width;
    for (const part of [0.5, 0.3, 0.7]) {
      const x = x1 + (x2 - x1) * part, y = y1 + (y2 - y1) * part, left = x + 5;
      const box = { left: left - 2, right: left + width + 2, top: y - 7, bottom: y + 7 };
      if (left < gutter || box.right > view.width || lanes.some(lane => lane.y < box.bottom && lane.bandBottom > box.top - 6)) continue;
      if (taken.some(other => other.left < box.right && other.right > box.left && other.top < box.bottom && other.bottom > box.top)) continue;
      taken.push(box);
      pen.globalAlpha = 0.85;
      pen.fillStyle = ink.lane;
      pen.fillRect(box.left, box.top, width + 4, 14);
      pen.globalAlpha = 1;
      pen.fillStyle = colourOfKind[run.messages.kind[i]];
      pen.fillRect(box.left - 1, box.top, 2, 14);
      pen.fillStyle = ink.ink;
      pen.fillText(text, left, y);
      break;
    }
  }
}

// Per node and two pixels: how many messages it sent, and how many of them got lost.
function drawDensity(pen) {
  const messages = run.messages, bin = 2, bins = Math.ceil((view.width - gutter) / bin) + 1;
  const sent = lanes.map(() => new Uint32Array(bins)), lost = lanes.map(() => new Uint32Array(bins));
  const scale = (view.width - gutter) / view.span / bin;
  for (let i = lastUpTo(messages.sent, view.from - 1) + 1; i < messages.sent.length && messages.sent[i] <= until(); i++) {
    if (!messageShown(i)) continue;
    const lane = laneAt(messages.from[i]).row, at = (messages.sent[i] - view.from) * scale | 0;
    sent[lane][at]++;
    if (messages.fate[i] > 1) lost[lane][at]++;
  }
  const most = Math.max(1, ...lanes.filter(lane => lane.isNode).map(lane => sent[lane.row].reduce((a, b) => Math.max(a, b), 0)));
  for (const lane of lanes.filter(one => one.isNode)) {
    const bottom = lane.y + lane.height - 4, room = Math.max(6, bottom - lane.bandBottom - 10), height = n => n === 0 ? 0 : Math.max(1, n / most * room);
    for (let at = 0; at < bins; at++) {
      if (sent[lane.row][at] === 0) continue;
      pen.fillStyle = "#8a97a8";
      pen.fillRect(gutter + at * bin, bottom - height(sent[lane.row][at]), bin, height(sent[lane.row][at]));
      pen.fillStyle = bad;
      pen.fillRect(gutter + at * bin, bottom - height(lost[lane.row][at]), bin, height(lost[lane.row][at]));
    }
  }
}

// The arrow at the mouse; null if none is near.
function arrowAt(x, y) {
  let best = null, nearest = 6;
  for (const arrow of arrows) {
    const dx = arrow.x2 - arrow.x1, dy = arrow.y2 - arrow.y1, along = ((x - arrow.x1) * dx + (y - arrow.y1) * dy) / (dx * dx + dy * dy || 1);
    if (along < 0 || along > 1) continue;
    const far = Math.hypot(x - arrow.x1 - along * dx, y - arrow.y1 - along * dy);
    if (far < nearest) [best, nearest] = [arrow, far];
  }
  return best && { type: "message", i: best.i };
}
