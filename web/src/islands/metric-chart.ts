import uPlot from "uplot";
import { type EndLabel, spread } from "./end-labels";
import { metric } from "./format";
import { subscribe } from "./live";
import { align, fetchSeries, number } from "./series-data";

interface Line {
  job: string;
  label: string;
  /** 1 to 8, the run's colour while it is selected. */
  index: number;
  dash?: boolean;
}

interface Drawn extends Line {
  steps: number[];
  values: number[];
}

const crosshair = uPlot.sync("step");
const labelWidth = 104;
const font = '500 11px "IBM Plex Sans Variable", sans-serif';

/**
 * One metric of one or more jobs by step. Attributes: `name`, `lines` (JSON of {job, label, index}), `axis`.
 * Lines are named at their ends; the crosshair is shared with every chart on the page.
 */
class MetricChart extends HTMLElement {
  static observedAttributes = ["lines"];
  #plot: uPlot | undefined;
  #drawn: Drawn[] = [];
  #stop: (() => void)[] = [];
  #abort = new AbortController();
  #counts = new Map<string, number>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #resize = new ResizeObserver(() => this.#fit());
  #theme = new MutationObserver(() => this.#draw());
  #tag!: HTMLElement;
  #body!: HTMLElement;
  #output!: HTMLOutputElement;
  #ready = false;

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

  get #lines(): Line[] {
    return JSON.parse(this.getAttribute("lines") ?? "[]") as Line[];
  }

  #build(): void {
    const head = document.createElement("div");
    head.className = "chart-head";
    const title = document.createElement("h3");
    title.textContent = this.#name;
    const note = document.createElement("span");
    note.className = "axis-note";
    note.textContent = `by ${this.getAttribute("axis") ?? "step"}`;
    this.#output = document.createElement("output");
    head.append(title, note, this.#output);
    this.#body = document.createElement("div");
    this.#body.className = "chart-plot";
    this.#body.setAttribute("role", "img");
    this.#body.setAttribute("aria-label", `${this.#name} by step`);
    this.#tag = document.createElement("div");
    this.#tag.className = "chart-tag";
    this.#tag.hidden = true;
    this.replaceChildren(head, this.#body);
    this.#ready = true;
  }

  #follow(): void {
    this.#abort = new AbortController();
    for (const { job } of this.#lines) {
      this.#stop.push(
        subscribe(`job/${job}`, ({ metrics = 0 }) => {
          if (this.#counts.get(job) === metrics) return;
          this.#counts.set(job, metrics);
          this.#timer ??= setTimeout(() => void this.#load(), 200);
        }),
      );
    }
    void this.#load();
  }

  #unfollow(): void {
    for (const stop of this.#stop) stop();
    this.#stop = [];
    this.#abort.abort();
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  async #load(): Promise<void> {
    this.#timer = undefined;
    const { signal } = this.#abort;
    try {
      const loaded = await Promise.all(
        this.#lines.map(async (line) => {
          const series = await fetchSeries(line.job, this.#name, 2000, signal);
          return series && { ...line, steps: series.steps, values: series.values.map(number) };
        }),
      );
      if (signal.aborted) return;
      this.#drawn = loaded.filter((line): line is Drawn => line !== null && line.steps.length > 0);
      this.#draw();
    } catch (error) {
      if (!signal.aborted) this.#say(error instanceof Error ? error.message : String(error));
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
    if (this.#drawn.length === 0) return this.#say("No points yet.");
    const single = this.#drawn.length === 1 ? this.#drawn[0]!.values.at(-1)! : undefined;
    this.#output.textContent = single === undefined ? "" : metric(single);
    this.#body.setAttribute("aria-label", this.#summary());
    const data = align(this.#drawn) as uPlot.AlignedData;
    const key = this.#drawn.map(({ job, index }) => `${job}:${index}`).join() + document.documentElement.dataset.bsTheme;
    if (this.#plot && this.dataset.key === key) {
      this.#plot.setData(data);
      return;
    }
    this.dataset.key = key;
    this.#plot?.destroy();
    this.#body.replaceChildren();
    this.#plot = new uPlot(this.#options(), data, this.#body);
    this.#plot.over.append(this.#tag);
  }

  #summary(): string {
    const parts = this.#drawn.map(({ label, steps, values }) => `${label} ${metric(values.at(-1)!)} at step ${steps.at(-1)}`);
    return `${this.#name} by step: ${parts.join(", ")}.`;
  }

  #fit(): void {
    const { clientWidth, clientHeight } = this.#body;
    if (this.#plot && clientWidth > 0) this.#plot.setSize({ width: clientWidth - 16, height: clientHeight - 6 });
  }

  #options(): uPlot.Options {
    const style = getComputedStyle(document.documentElement);
    const token = (name: string) => style.getPropertyValue(`--${name}`).trim();
    const few = Math.max(...this.#drawn.map(({ steps }) => steps.length)) <= 20;
    const axis: uPlot.Axis = { font: '11px "IBM Plex Sans Variable", sans-serif', stroke: token("ink-3") };
    return {
      width: Math.max(120, this.#body.clientWidth - 16),
      height: Math.max(90, this.#body.clientHeight - 6),
      padding: [10, labelWidth, 0, 0],
      legend: { show: false },
      cursor: {
        sync: { key: crosshair.key, setSeries: false },
        drag: { x: true, y: false },
        points: { size: 7, width: 1.5 },
      },
      scales: { x: { time: false }, y: { range: (_, low, high) => range(low, high) } },
      axes: [
        {
          ...axis,
          size: 26,
          gap: 4,
          space: 56,
          grid: { show: false },
          ticks: { show: true, stroke: token("line-2"), width: 1, size: 4 },
          border: { show: true, stroke: token("line-2"), width: 1 },
          incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 2e4, 5e4, 1e5, 1e6, 1e7],
        },
        {
          ...axis,
          size: 46,
          gap: 6,
          space: 32,
          grid: { show: true, stroke: token("line"), width: 1 },
          ticks: { show: false },
        },
      ],
      series: [
        {},
        ...this.#drawn.map(
          ({ label, index, dash }): uPlot.Series => ({
            label,
            stroke: token(`series-${index}`),
            width: 1.5,
            dash: dash ? [5, 3] : [],
            spanGaps: true,
            points: { show: few, size: 5, fill: token(`series-${index}`), width: 0 },
          }),
        ),
      ],
      hooks: {
        draw: [(plot) => this.#drawEnds(plot, token)],
        setCursor: [(plot) => this.#moveTag(plot)],
      },
    };
  }

  #drawEnds(plot: uPlot, token: (name: string) => string): void {
    const { ctx, bbox } = plot;
    const ratio = devicePixelRatio;
    const labels = this.#drawn.flatMap(({ label, index, values, steps }): EndLabel[] => {
      const last = values.findLastIndex(Number.isFinite);
      if (last < 0 || steps[last]! > plot.scales.x!.max!) return [];
      const at = plot.valToPos(values[last]!, "y", true) / ratio;
      return [{ text: label, colour: token(`series-text-${index}`), at, y: at }];
    });
    const right = (bbox.left + bbox.width) / ratio;
    ctx.save();
    ctx.scale(ratio, ratio);
    ctx.font = font;
    ctx.textBaseline = "middle";
    ctx.textAlign = "left";
    for (const { text, colour, at, y } of spread(labels, 13, bbox.top / ratio, (bbox.top + bbox.height) / ratio)) {
      ctx.strokeStyle = colour;
      ctx.fillStyle = colour;
      ctx.lineWidth = 0.75;
      ctx.beginPath();
      ctx.moveTo(right + 1, at);
      ctx.lineTo(right + 7, y);
      ctx.stroke();
      ctx.fillText(shorten(ctx, text, labelWidth - 12), right + 10, y);
    }
    this.#drawMissing(plot, ctx, token, ratio);
    ctx.restore();
  }

  /** A value that is no number is a cross on the axis, not a silent gap. */
  #drawMissing(plot: uPlot, ctx: CanvasRenderingContext2D, token: (name: string) => string, ratio: number): void {
    const y = (plot.bbox.top + plot.bbox.height) / ratio - 4;
    ctx.lineWidth = 1.25;
    for (const { values, steps, index } of this.#drawn) {
      ctx.strokeStyle = token(`series-${index}`);
      values.forEach((value, i) => {
        if (Number.isFinite(value)) return;
        const x = plot.valToPos(steps[i]!, "x", true) / ratio;
        ctx.beginPath();
        ctx.moveTo(x - 3, y - 3);
        ctx.lineTo(x + 3, y + 3);
        ctx.moveTo(x + 3, y - 3);
        ctx.lineTo(x - 3, y + 3);
        ctx.stroke();
      });
    }
  }

  #moveTag(plot: uPlot): void {
    const { left, idx } = plot.cursor;
    const on = idx !== null && idx !== undefined && left !== undefined && left >= 0;
    this.#tag.hidden = !on;
    if (!on) return;
    const values = this.#drawn.map((_, i) => plot.data[i + 1]![idx]);
    this.#tag.textContent = `${this.getAttribute("axis") ?? "step"} ${plot.data[0][idx]}`;
    this.#tag.style.left = `${left}px`;
    this.#tag.style.top = `${plot.over.clientHeight + 4}px`;
    const shown = values.length === 1 && typeof values[0] === "number" ? metric(values[0]) : "";
    if (shown) this.#output.textContent = shown;
  }
}

/** Fractions are shown on their whole scale; anything else gets a little air. */
function range(low: number | null, high: number | null): [number, number] {
  if (low === null || high === null) return [0, 1];
  if (low >= 0 && high <= 1 && high > 0.3) return [0, 1];
  if (low === high) return [low - 1, high + 1];
  const air = (high - low) * 0.06;
  return [low >= 0 && low < high * 0.4 ? 0 : low - air, high + air];
}

function shorten(ctx: CanvasRenderingContext2D, text: string, width: number): string {
  if (ctx.measureText(text).width <= width) return text;
  let kept = text;
  while (kept.length > 1 && ctx.measureText(`${kept}…`).width > width) kept = kept.slice(0, -1);
  return `${kept}…`;
}

customElements.define("metric-chart", MetricChart);
