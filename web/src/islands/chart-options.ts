import uPlot from "uplot";
import { settings } from "./chart-settings";
import { duration } from "./format";
import type { Notation } from "./notation";
import type { Columns } from "./series-data";

export interface Line {
  job: string;
  label: string;
  /** 1 to 8, the run's colour while it is selected. */
  index: number;
  dash?: boolean;
}

export interface Drawn extends Line, Columns {
  x: ArrayLike<number>;
}

export interface Size {
  width: number;
  height: number;
}

/** The value of a design token. */
export type Token = (name: string) => string;

export const labelFont = '500 11px "IBM Plex Sans Variable", sans-serif';

/** What is kept free at the right for the names of the lines: what the longest takes, but no third of the chart. */
export function labelRoom(ctx: CanvasRenderingContext2D, labels: string[], width: number): number {
  ctx.save();
  ctx.font = labelFont;
  const longest = Math.max(0, ...labels.map((label) => ctx.measureText(label).width));
  ctx.restore();
  return Math.min(Math.ceil(longest) + 14, Math.round(width * 0.3));
}

const crosshair = uPlot.sync("step");

/** How the lines are drawn by the settings of the page, with hooks of who draws. */
export function chartOptions(drawn: Drawn[], size: Size, notation: Notation, token: Token, reset: () => void, hooks: uPlot.Hooks.Arrays): uPlot.Options {
  const few = Math.max(...drawn.map(({ steps }) => steps.length)) <= 20;
  const { axis: by, log, smooth: weight } = settings();
  const axis: uPlot.Axis = { font: '11px "IBM Plex Sans Variable", sans-serif', stroke: token("ink-3") };
  return {
    width: Math.max(120, size.width),
    height: Math.max(90, size.height),
    padding: [10, (plot) => labelRoom(plot.ctx, drawn.map(({ label }) => label), plot.width), 0, 0],
    legend: { show: false },
    cursor: {
      sync: { key: crosshair.key, setSeries: false },
      drag: { x: true, y: false },
      bind: { dblclick: () => () => (reset(), null) },
      points: { size: 7, width: 1.5 },
    },
    scales: { x: { time: false }, y: log ? { distr: 3, log: notation.steps ? 2 : 10 } : { range: (_, low, high) => range(low, high) } },
    axes: [
      {
        ...axis,
        size: 26,
        gap: 4,
        space: 56,
        grid: { show: false },
        ticks: { show: true, stroke: token("line-2"), width: 1, size: 4 },
        border: { show: true, stroke: token("line-2"), width: 1 },
        ...(by === "time"
          ? { values: (_: uPlot, splits: number[]) => splits.map((at) => duration(at)), incrs: [1, 5, 15, 30, 60, 300, 900, 1800, 3600, 7200, 21_600, 86_400] }
          : { incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 2e4, 5e4, 1e5, 2e5, 5e5, 1e6, 1e7] }),
      },
      {
        ...axis,
        // Of a flat line of many bytes the marks are long, or they would be the same.
        size: (_, marks) => Math.max(46, 12 + 6.2 * Math.max(0, ...(marks ?? []).map((mark) => mark.length))),
        gap: 6,
        space: 32,
        values: (_, splits) => notation.ticks(splits),
        ...(notation.steps ? { incrs: notation.steps } : {}),
        grid: { show: true, stroke: token("line"), width: 1 },
        ticks: { show: false },
      },
    ],
    series: [
      {},
      ...drawn.map(
        ({ label, index, dash }): uPlot.Series => ({
          label,
          stroke: token(`series-${index}`),
          width: 1.5,
          dash: dash ? [5, 3] : [],
          spanGaps: true,
          points: { show: few, size: 5, fill: token(`series-${index}`), width: 0 },
        }),
      ),
      // The points as they are, faint behind their smoothed line.
      ...(weight ? drawn : []).map(
        ({ label, index }): uPlot.Series => ({
          label: `${label}, not smoothed`,
          stroke: token(`series-${index}`),
          width: 1,
          alpha: 0.25,
          spanGaps: true,
          points: { show: false },
        }),
      ),
    ],
    hooks,
  };
}

/** Fractions are shown on their whole scale; anything else gets a little air. */
function range(low: number | null, high: number | null): [number, number] {
  if (low === null || high === null) return [0, 1];
  if (low >= 0 && high <= 1 && high > 0.3) return [0, 1];
  if (low === high) {
    const around = Math.max(1, Math.abs(low) * 0.06);
    return [low - around, high + around];
  }
  const air = (high - low) * 0.06;
  return [low >= 0 && low < high * 0.4 ? 0 : low - air, high + air];
}
