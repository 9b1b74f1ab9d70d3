import uPlot from "uplot";
import { drawEnds } from "./chart-ends";
import { chartOptions, type Drawn, type Line, type Size } from "./chart-options";
import { onSettings, settings } from "./chart-settings";
import { duration } from "./format";
import { subscribe } from "./live";
import { notation, type Notation } from "./notation";
import { align, type Answer, type Columns, fetchSeries, isJob, merge, smooth, valueAt, within } from "./series-data";

type Range = [low: number, high: number];

/** What one chart says to the others of the page that have the same axis; null is the whole again. */
interface Zoomed {
  axis: string;
  range: Range | null;
}

/** Points of a line that are asked for: about two for every pixel of a wide chart. */
const points = 2000;
const second = 1e6;

/**
 * One metric of one or more jobs by step or by time. Attributes: `name`, `lines` (JSON of {job, label, index}).
 * Lines are named at their ends; crosshair and zoom are shared with every chart on the page. The server thins what is in
 * view, so a closer look asks again, until every point is there.
 */
class MetricChart extends HTMLElement {
  static observedAttributes = ["lines"];
  #plot: uPlot | undefined;
  #whole = new Map<string, Columns>();
  #close: Map<string, Columns> | undefined;
  #cursor = "";
  #range: Range | undefined;
  #drawn: Drawn[] = [];
  #stop: (() => void)[] = [];
  #abort = new AbortController();
  #look = new AbortController();
  #counts = new Map<string, number>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #resize = new ResizeObserver(() => this.#fit());
  #theme = new MutationObserver(() => this.#draw());
  #tag!: HTMLElement;
  #body!: HTMLElement;
  #note!: HTMLElement;
  #output!: HTMLOutputElement;
  #ready = false;
  #setting = false;

  connectedCallback(): void {
    if (!this.#ready) this.#build();
    this.#resize.observe(this.#body);
    this.#theme.observe(document.documentElement, { attributeFilter: ["data-bs-theme"] });
    this.#follow();
  }

  disconnectedCallback(): void {
    this.#unfollow();
    this.#resize.disconnect();
    this.#theme.disconnect();
    this.#plot?.destroy();
    this.#plot = undefined;
  }

  attributeChangedCallback(): void {
    if (!this.#ready) return;
    this.#unfollow();
    this.#follow();
  }

  get #name(): string {
    return this.getAttribute("name") ?? "";
  }

  get #notation(): Notation {
    return notation(this.#name);
  }

  get #lines(): Line[] {
    return JSON.parse(this.getAttribute("lines") ?? "[]") as Line[];
  }

  #build(): void {
    const head = document.createElement("div");
    head.className = "chart-head";
    const title = document.createElement("h3");
    title.textContent = this.#name;
    this.#note = document.createElement("span");
    this.#note.className = "axis-note";
    this.#output = document.createElement("output");
    head.append(title, this.#note, this.#output);
    this.#body = document.createElement("div");
    this.#body.className = "chart-plot";
    this.#body.setAttribute("role", "img");
    this.#body.setAttribute("aria-label", this.#name);
    this.#tag = document.createElement("div");
    this.#tag.className = "chart-tag";
    this.#tag.hidden = true;
    this.replaceChildren(head, this.#body);
    this.#ready = true;
  }

  #follow(): void {
    this.#abort = new AbortController();
    const { signal } = this.#abort;
    for (const { job } of this.#lines) {
      this.#stop.push(
        subscribe(`${isJob(job) ? "job" : "run"}/${job}`, ({ metrics = 0 }) => {
          if (this.#counts.get(job) === metrics) return;
          this.#counts.set(job, metrics);
          this.#timer ??= setTimeout(() => void this.#more(), 200);
        }),
      );
    }
    onSettings(() => void this.#load(), signal);
    document.addEventListener("chart-zoom", (event) => this.#zoom((event as CustomEvent<Zoomed>).detail), { signal });
    void this.#load();
  }

  #unfollow(): void {
    for (const stop of this.#stop) stop();
    this.#stop = [];
    this.#abort.abort();
    this.#look.abort();
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #ask(more: { cursor?: string; from?: number; to?: number }, signal: AbortSignal): Promise<Answer> {
    const jobs = this.#lines.map(({ job }) => job);
    return jobs.length === 0
      ? Promise.resolve({ series: [], cursor: "" })
      : fetchSeries({ jobs, name: this.#name, points, axis: settings().axis, ...more }, signal);
  }

  async #load(): Promise<void> {
    const { signal } = this.#abort;
    await this.#try(signal, async () => {
      const answer = await this.#ask({}, signal);
      this.#whole = byJob(answer);
      this.#cursor = answer.cursor;
      this.#close = undefined;
      this.#range = undefined;
      this.#draw();
    });
  }

  /** Asks for nothing but what has come since the last answer. */
  async #more(): Promise<void> {
    this.#timer = undefined;
    if (!this.#cursor) return;
    const { signal } = this.#abort;
    await this.#try(signal, async () => {
      const answer = await this.#ask({ cursor: this.#cursor }, signal);
      this.#cursor = answer.cursor;
      if (answer.series.length === 0) return;
      for (const [job, fresh] of byJob(answer)) {
        const old = this.#whole.get(job);
        this.#whole.set(job, old ? merge(old, fresh) : fresh);
      }
      // What was added point by point is thinned again before it becomes long.
      if ([...this.#whole.values()].some(({ steps }) => steps.length > 3 * points)) await this.#load();
      else this.#draw();
    });
  }

  /** The points of what is looked at. Where each line has a beginning of its own, times are no common range. */
  async #closer(): Promise<void> {
    this.#look.abort();
    this.#look = new AbortController();
    const { signal } = this.#look;
    const range = this.#range;
    const time = settings().axis === "time";
    if (!range || (time && this.#drawn.length !== 1)) return;
    const begin = time ? this.#whole.values().next().value!.times[0]! : 0;
    const unit = time ? second : 1;
    const margin = (range[1] - range[0]) * 0.05;
    await this.#try(signal, async () => {
      await new Promise((resolve) => setTimeout(resolve, 120));
      if (signal.aborted) return;
      const answer = await this.#ask({ from: begin + (range[0] - margin) * unit, to: begin + (range[1] + margin) * unit }, signal);
      this.#close = byJob(answer);
      this.#draw();
    });
  }

  async #try(signal: AbortSignal, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!signal.aborted) this.#say(error instanceof Error ? error.message : String(error));
    }
  }

  #zoom({ axis, range }: Zoomed): void {
    if (axis !== settings().axis || !this.#plot) return;
    if (range === null) {
      this.#look.abort();
      this.#range = undefined;
      this.#close = undefined;
      this.#draw();
    } else if (this.#range?.[0] !== range[0] || this.#range[1] !== range[1]) {
      this.#range = range;
      this.#setting = true;
      this.#plot.setScale("x", { min: range[0], max: range[1] });
      this.#setting = false;
      void this.#closer();
    }
  }

  #say(text: string): void {
    this.#plot?.destroy();
    this.#plot = undefined;
    const note = document.createElement("p");
    note.className = "chart-empty";
    note.textContent = text;
    this.#body.replaceChildren(note);
  }

  #draw(): void {
    const { axis, smooth: weight, log } = settings();
    this.#drawn = this.#lines.flatMap((line): Drawn[] => {
      const whole = this.#whole.get(line.job);
      if (!whole || whole.steps.length === 0) return [];
      const columns = this.#close ? within(whole, this.#close.get(line.job)) : whole;
      const begin = whole.times[0]!;
      return [{ ...line, ...columns, x: axis === "time" ? Array.from(columns.times, (time) => (time - begin) / second) : columns.steps }];
    });
    this.#note.textContent = axis === "time" ? "by time" : "by step";
    this.#body.setAttribute("aria-label", `${this.#name} by ${axis}`);
    if (this.#drawn.length === 0) return this.#say("No points yet.");
    this.#showLast();
    this.#body.setAttribute("aria-label", this.#summary());
    const shown = (values: ArrayLike<number>) => (log ? Array.from(values, (value) => (value > 0 ? value : Number.NaN)) : values);
    const rows = this.#drawn.map(({ x, values }) => ({ x, y: shown(weight ? smooth(values, weight) : values) }));
    const raw = weight ? this.#drawn.map(({ x, values }) => ({ x, y: shown(values) })) : [];
    const aligned = align([...rows, ...raw]) as uPlot.AlignedData;
    const lines = this.#drawn.map(({ job, index }) => `${job}:${index}`).join();
    const key = [lines, document.documentElement.dataset.bsTheme, axis, log, weight > 0].join();
    this.#setting = true;
    if (this.#plot && this.dataset.key === key) {
      this.#plot.setData(aligned, !this.#range);
      if (this.#range) this.#plot.setScale("x", { min: this.#range[0], max: this.#range[1] });
    } else {
      this.dataset.key = key;
      this.#plot?.destroy();
      this.#body.replaceChildren();
      this.#plot = new uPlot(this.#options(), aligned, this.#body);
      this.#plot.over.append(this.#tag);
    }
    // uPlot takes a change of scale at the end of this turn.
    queueMicrotask(() => (this.#setting = false));
  }

  #showLast(): void {
    this.#output.textContent = this.#drawn.length === 1 ? this.#notation.value(this.#whole.get(this.#drawn[0]!.job)!.values.at(-1)!) : "";
  }

  #summary(): string {
    const parts = this.#drawn.map(({ label, steps, values }) => `${label} ${this.#notation.value(values.at(-1)!)} at step ${steps.at(-1)}`);
    return `${this.#name} by ${settings().axis}: ${parts.join(", ")}.`;
  }

  get #size(): Size {
    return { width: this.#body.clientWidth - 16, height: this.#body.clientHeight - 6 };
  }

  #fit(): void {
    if (this.#plot && this.#body.clientWidth > 0) this.#plot.setSize(this.#size);
  }

  #options(): uPlot.Options {
    const style = getComputedStyle(document.documentElement);
    const token = (name: string) => style.getPropertyValue(`--${name}`).trim();
    const { axis } = settings();
    return chartOptions(this.#drawn, this.#size, this.#notation, token, () => tell({ axis, range: null }), {
      draw: [(plot) => drawEnds(plot, this.#drawn, this.#at(plot), this.#notation, token)],
      setCursor: [(plot) => this.#moveTag(plot)],
      setScale: [(plot, scale) => scale === "x" && this.#zoomed(plot.scales.x!, axis)],
    });
  }

  #zoomed({ min, max }: uPlot.Scale, axis: string): void {
    if (this.#setting || min === undefined || max === undefined || min === null || max === null) return;
    tell({ axis, range: [min, max] });
  }

  /** The place under the crosshair, if there is one. */
  #at(plot: uPlot): number | undefined {
    const { left, idx } = plot.cursor;
    return idx !== null && idx !== undefined && left !== undefined && left >= 0 ? idx : undefined;
  }

  #moveTag(plot: uPlot): void {
    const at = this.#at(plot);
    const was = !this.#tag.hidden;
    this.#tag.hidden = at === undefined;
    // Labels say the values under the crosshair.
    if (this.#drawn.length > 1 && (was || at !== undefined)) plot.redraw(false, false);
    if (at === undefined) {
      if (was) this.#showLast();
      return;
    }
    const x = plot.data[0][at]!;
    this.#tag.textContent = settings().axis === "time" ? duration(x) : `step ${x}`;
    this.#tag.style.left = `${plot.cursor.left}px`;
    this.#tag.style.top = `${plot.over.clientHeight + 4}px`;
    const value = valueAt(plot.data[1]!, at);
    if (this.#drawn.length === 1 && value !== undefined) this.#output.textContent = this.#notation.value(value);
  }
}

function tell(detail: Zoomed): void {
  document.dispatchEvent(new CustomEvent("chart-zoom", { detail }));
}

/** By the number of the job and by the id of the run: a line is asked for by either. */
function byJob({ series }: Answer): Map<string, Columns> {
  return new Map(series.flatMap(({ job, run, steps, times, values }) => [String(job), run].map((key) => [key, { steps, times, values }])));
}

customElements.define("metric-chart", MetricChart);
