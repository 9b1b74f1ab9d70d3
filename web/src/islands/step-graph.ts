import dagre from "@dagrejs/dagre";
import { duration } from "./format";
import { glyph } from "./glyph";
import { subscribe } from "./live";

interface Step {
  name: string;
  task: string;
  state?: "waiting" | "running" | "finished" | "failed";
  started?: number | null;
  ended?: number | null;
  after: string[];
  error?: string | null;
}

interface Point {
  x: number;
  y: number;
}

const width = 136;
const height = 46;
const margin = 20;
const smallest = 0.75;

/**
 * The steps of a job or an entrypoint. Attributes: `steps` (JSON), `job` to follow it live, and `down` to draw it from
 * top to bottom instead of from left to right.
 */
class StepGraph extends HTMLElement {
  #stop: (() => void) | undefined;
  #shown = "";
  #version: number | undefined;
  #sized = new ResizeObserver(() => this.#hint());

  connectedCallback(): void {
    this.onscroll = this.#hint;
    this.#sized.observe(this);
    this.#draw(JSON.parse(this.getAttribute("steps") ?? "[]") as Step[]);
    const job = this.getAttribute("job");
    if (!job) return;
    this.#stop = subscribe(`job/${job}`, ({ version = 0 }) => {
      if (version === this.#version) return;
      this.#version = version;
      void this.#load(job);
    });
  }

  disconnectedCallback(): void {
    this.#stop?.();
    this.#sized.disconnect();
  }

  async #load(job: string): Promise<void> {
    const answer = await fetch(`/api/v1/jobs/${job}/steps`);
    if (answer.ok) this.#draw((await answer.json()) as Step[]);
  }

  #draw(steps: Step[]): void {
    const said = JSON.stringify(steps);
    if (said === this.#shown || steps.length === 0) return;
    this.#shown = said;
    const down = this.hasAttribute("down");
    const graph = layout(steps, down);
    const space = document.createElement("div");
    space.className = "graph-space";
    const { width: w = 0, height: h = 0 } = graph.graph();
    space.style.width = `${w}px`;
    space.style.height = `${h}px`;
    const states = new Map(steps.map((step) => [step.name, step.state]));
    const edges = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    edges.setAttribute("class", "graph-edges");
    edges.setAttribute("width", String(w));
    edges.setAttribute("height", String(h));
    edges.setAttribute("aria-hidden", "true");
    edges.innerHTML = graph
      .edges()
      .map((one) => edge(graph.node(one.v) as Point, graph.node(one.w) as Point, graph.edge(one).points as Point[], down, states.get(one.w)))
      .join("");
    space.append(edges, ...steps.map((step) => this.#node(step, graph.node(step.name) as Point)));
    this.replaceChildren(space);
    this.#fit(space, w);
  }

  /** A little too wide is drawn smaller; much too wide is scrolled. */
  #fit(space: HTMLElement, width: number): void {
    const room = this.clientWidth - 2 * margin;
    if (room > 0 && width > room) space.style.zoom = String(Math.max(smallest, room / width));
    this.#hint();
  }

  /** Says on which sides there is more than is seen. */
  #hint = (): void => {
    const rest = this.scrollWidth - this.clientWidth - this.scrollLeft;
    this.dataset.more = [this.scrollLeft > 1 ? "left" : "", rest > 1 ? "right" : ""].filter(Boolean).join(" ");
  };

  #node(step: Step, at: Point): HTMLElement {
    const job = this.getAttribute("job");
    const node = document.createElement(job ? "a" : "div");
    if (node instanceof HTMLAnchorElement) node.href = `#step=${encodeURIComponent(step.name)}`;
    node.className = `node ${step.state ? `node-${step.state}` : "node-plain"}`;
    node.style.left = `${at.x - width / 2}px`;
    node.style.top = `${at.y - height / 2}px`;
    node.title = step.error ?? `${step.name}: ${step.task}`;
    const name = document.createElement("span");
    name.className = "node-name";
    name.innerHTML = step.state ? glyph(step.state) : "";
    const text = document.createElement("span");
    text.textContent = step.name;
    name.append(text);
    const note = document.createElement("span");
    note.className = "node-note";
    note.textContent = noteOf(step);
    node.append(name, note);
    return node;
  }
}

function noteOf(step: Step): string {
  if (step.state === "failed") return step.error ?? "failed";
  if (step.state === "finished" && step.started != null && step.ended != null) return duration((step.ended - step.started) / 1e6);
  if (step.state === "waiting" && step.after.length > 0) {
    return step.after.length === 1 ? `after ${step.after[0]}` : `after ${step.after.length} steps`;
  }
  return step.task;
}

function layout(steps: Step[], down: boolean) {
  const graph = new dagre.graphlib.Graph();
  graph.setGraph({ rankdir: down ? "TB" : "LR", nodesep: 20, ranksep: 32, marginx: 1, marginy: 2 });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const { name } of steps) graph.setNode(name, { width, height });
  for (const { name, after } of steps) for (const from of after) if (graph.hasNode(from)) graph.setEdge(from, name);
  dagre.layout(graph);
  return graph;
}

/** A smooth line by the bends that keep it clear of other nodes, from the middle of a side to the middle of one. */
function edge(from: Point, to: Point, route: Point[], down: boolean, state: Step["state"]): string {
  const kind = state === "waiting" ? "edge-waiting" : state === "running" ? "edge-live" : "";
  const start = down ? { x: from.x, y: from.y + height / 2 } : { x: from.x + width / 2, y: from.y };
  const end = down ? { x: to.x, y: to.y - height / 2 - 2.5 } : { x: to.x - width / 2 - 2.5, y: to.y };
  const stop = down ? { x: end.x, y: end.y - 2.5 } : { x: end.x - 2.5, y: end.y };
  return `<g class="${kind}"><path d="${spline([start, ...route.slice(1, -1), stop])}"/><circle cx="${end.x}" cy="${end.y}" r="2.5"/></g>`;
}

/** A cubic basis spline: near every point, through the first and the last. */
function spline(points: Point[]): string {
  const first = points[0]!;
  const last = points.at(-1)!;
  const all = [first, first, ...points, last, last];
  let path = `M${first.x} ${first.y}`;
  for (let i = 1; i + 2 < all.length; i++) {
    const [a, b, c] = [all[i]!, all[i + 1]!, all[i + 2]!];
    const x = (from: number, to: number, axis: "x" | "y") => (from * a[axis] + to * b[axis]) / 3;
    const end = (axis: "x" | "y") => (a[axis] + 4 * b[axis] + c[axis]) / 6;
    path += `C${x(2, 1, "x")} ${x(2, 1, "y")} ${x(1, 2, "x")} ${x(1, 2, "y")} ${end("x")} ${end("y")}`;
  }
  return `${path}L${last.x} ${last.y}`;
}

customElements.define("step-graph", StepGraph);
