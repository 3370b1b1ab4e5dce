// Mouse and keys.

function listen() {
  const canvas = byId("lanes");
  canvas.addEventListener("wheel", wheel, { passive: false });
  byId("axis").addEventListener("wheel", wheel, { passive: false });
  byId("overview").addEventListener("wheel", wheel, { passive: false });
  canvas.addEventListener("pointerdown", press);
  canvas.addEventListener("pointermove", hover);
  canvas.addEventListener("pointerleave", () => byId("tip").hidden = true);
  byId("overview").addEventListener("pointerdown", pressOverview);
  document.addEventListener("keydown", key);
  window.addEventListener("resize", () => changed());
  window.addEventListener("hashchange", () => { readPlace(); changed(); });
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { overviewPicture = null; changed(); });
  byId("in").onclick = () => zoom(0.5, focus());
  byId("out").onclick = () => zoom(2, focus());
  byId("fit").onclick = () => show(0, longest);
  byId("next").onclick = () => toFault(1);
  byId("previous").onclick = () => toFault(-1);
  byId("violation").onclick = toViolation;
  byId("keys").onclick = () => byId("help").showModal();
  byId("evidence").onclick = () => byId("exhibit").showModal();
}

// What keys and buttons zoom at: the cursor if it is to be seen.
const focus = () => view.cursor >= view.from && view.cursor <= until() ? view.cursor : view.from + view.span / 2;

function wheel(event) {
  event.preventDefault();
  const sideways = event.shiftKey ? event.deltaY || event.deltaX : Math.abs(event.deltaX) > Math.abs(event.deltaY) ? event.deltaX : 0;
  const lines = event.deltaMode === 1 ? 30 : 1;
  if (sideways !== 0) show(view.from + sideways * lines / view.width * view.span, view.span);
  else if (event.currentTarget.id === "overview") zoom(1.0015 ** (event.deltaY * lines), view.from + view.span / 2);
  else zoom(1.0015 ** (event.deltaY * lines), timeAt(Math.max(gutter, event.offsetX)));
}

// A press that moves drags the picture; one that does not sets the cursor and selects.
function press(event) {
  if (event.button !== 0) return;
  const canvas = byId("lanes"), scroller = byId("scroller"), start = { x: event.clientX, y: event.clientY, from: view.from, scroll: scroller.scrollTop };
  let dragged = false;
  canvas.setPointerCapture(event.pointerId);
  const move = one => {
    if (!dragged && Math.hypot(one.clientX - start.x, one.clientY - start.y) < 4) return;
    dragged = true;
    canvas.classList.add("moving");
    scroller.scrollTop = start.scroll - (one.clientY - start.y);
    show(start.from - (one.clientX - start.x) / (view.width - gutter) * view.span, view.span);
  };
  const release = one => {
    canvas.removeEventListener("pointermove", move);
    canvas.classList.remove("moving");
    if (dragged || one.type === "pointercancel" || one.offsetX < gutter) return;
    view.selected = itemAt(one.offsetX, one.offsetY);
    setCursor(timeAt(one.offsetX), false);
  };
  canvas.addEventListener("pointermove", move);
  canvas.addEventListener("pointerup", release, { once: true });
  canvas.addEventListener("pointercancel", release, { once: true });
}

function hover(event) {
  const tip = byId("tip"), item = event.buttons === 0 ? itemAt(event.offsetX, event.offsetY) ?? bandAt(event.offsetX, event.offsetY) : null;
  tip.hidden = item === null;
  if (item === null) return;
  tip.textContent = typeof item === "string" ? item : details(item);
  const frame = byId("picture").getBoundingClientRect(), x = event.clientX - frame.left, y = event.clientY - frame.top;
  tip.style.left = Math.max(0, Math.min(x + 14, frame.width - tip.offsetWidth - 4)) + "px";
  tip.style.top = (y + 18 + tip.offsetHeight > frame.height ? y - tip.offsetHeight - 8 : y + 18) + "px";
}

// The state of a node under the mouse, or the whole name of a lane; null if there is neither.
function bandAt(x, y) {
  const lane = lanes.find(one => y >= one.bandTop && y <= one.bandBottom);
  if (!lane) return null;
  if (x < gutter) return run.laneNames[lane.lane];
  const row = lane.isNode ? sampleAt(run, lane.lane, timeAt(x)) : -1;
  return row < 0 ? null : `${run.laneNames[lane.lane]}: ${run.conditionNames[run.samples.condition[row]]}, term ${run.samples.term[row]}\n${marksText(row)}`;
}

function pressOverview(event) {
  const canvas = byId("overview");
  const there = one => show((one.offsetX - gutter) / (view.width - gutter) * longest - view.span / 2, view.span);
  canvas.setPointerCapture(event.pointerId);
  there(event);
  canvas.addEventListener("pointermove", there);
  canvas.addEventListener("pointerup", () => canvas.removeEventListener("pointermove", there), { once: true });
}

function key(event) {
  if (event.target.tagName === "INPUT" || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  const step = event.shiftKey ? 10 : 1;
  const actions = {
    "+": () => zoom(0.5, focus()), "=": () => zoom(0.5, focus()), "-": () => zoom(2, focus()), "0": () => show(0, longest),
    a: () => show(view.from - view.span / 4, view.span), d: () => show(view.from + view.span / 4, view.span),
    ArrowLeft: () => setCursor(traceStep(-step), true), ArrowRight: () => setCursor(traceStep(step), true),
    Home: () => setCursor(0, true), End: () => setCursor(run.end, true),
    c: () => show(view.cursor - view.span / 2, view.span), n: () => toFault(1), p: () => toFault(-1), l: toLeader, v: toViolation,
    "/": () => byId("find").focus(), "?": () => byId("help").showModal(),
    Escape: () => { view.selected = null; byId("find").value = ""; find(""); },
  };
  const action = actions[event.key];
  if (!action) return;
  event.preventDefault();
  action();
}

function toFault(step) {
  const at = run.faults.at, i = step > 0 ? lastUpTo(at, view.cursor) + 1 : lastUpTo(at, view.cursor - 0.5);
  if (i < 0 || i >= at.length) return;
  view.selected = { type: "fault", i };
  setCursor(at[i], true);
}

function toLeader() {
  const elected = run.stretchesOf.flatMap(one => one.list).filter(one => run.conditions[one.condition] === "Leader" && one.begin > view.cursor).map(one => one.begin);
  if (elected.length > 0) setCursor(Math.min(...elected), true);
}

function toViolation() {
  if (run.failedAt >= 0) goTo(run.failedAt, Math.min(view.span, 100000));
}
