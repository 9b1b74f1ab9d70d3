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

/** The steps of a job or an entrypoint, left to right. Attributes: `steps` (JSON), and `job` to follow it live. */
class StepGraph extends HTMLElement {
  #stop: (() => void) | undefined;
  #shown = "";
  #version: number | undefined;

  connectedCallback(): void {
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
  }

  async #load(job: string): Promise<void> {
    const answer = await fetch(`/api/v1/jobs/${job}/steps`);
    if (answer.ok) this.#draw((await answer.json()) as Step[]);
  }

  #draw(steps: Step[]): void {
    const said = JSON.stringify(steps);
    if (said === this.#shown || steps.length === 0) return;
    this.#shown = said;
    const graph = layout(steps);
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
      .map(({ v, w: to }: { v: string; w: string }) => edge(graph.node(v) as Point, graph.node(to) as Point, states.get(to)))
      .join("");
    space.append(edges, ...steps.map((step) => this.#node(step, graph.node(step.name) as Point)));
    this.replaceChildren(space);
  }

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

function layout(steps: Step[]) {
  const graph = new dagre.graphlib.Graph();
  graph.setGraph({ rankdir: "LR", nodesep: 20, ranksep: 32, marginx: 1, marginy: 2 });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const { name } of steps) graph.setNode(name, { width, height });
  for (const { name, after } of steps) for (const from of after) if (graph.hasNode(from)) graph.setEdge(from, name);
  dagre.layout(graph);
  return graph;
}

function edge(from: Point, to: Point, state: Step["state"]): string {
  const x1 = from.x + width / 2;
  const x2 = to.x - width / 2 - 2.5;
  const bend = Math.max(12, (x2 - x1) / 2);
  const kind = state === "waiting" ? "edge-waiting" : state === "running" ? "edge-live" : "";
  return `<g class="${kind}"><path d="M${x1} ${from.y}C${x1 + bend} ${from.y} ${x2 - bend} ${to.y} ${x2 - 2.5} ${to.y}"/><circle cx="${x2}" cy="${to.y}" r="2.5"/></g>`;
}

customElements.define("step-graph", StepGraph);
