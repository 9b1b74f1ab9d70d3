import type uPlot from "uplot";
import { type Drawn, labelFont, type Token } from "./chart-options";
import { type EndLabel, spread } from "./end-labels";
import type { Notation } from "./notation";
import { valueAt } from "./series-data";

/** Names each line at its end, or with its value under the crosshair at `at`. */
export function drawEnds(plot: uPlot, drawn: Drawn[], at: number | undefined, notation: Notation, token: Token): void {
  const { ctx, bbox } = plot;
  const ratio = devicePixelRatio;
  const labels = drawn.flatMap(({ label, index }, i): EndLabel[] => {
    const row = plot.data[i + 1]!;
    const end = at ?? lastBefore(plot.data[0], plot.scales.x!.max!);
    const value = valueAt(row, end);
    if (value === undefined) return [];
    const bottom = (bbox.top + bbox.height) / ratio;
    const y = Math.min(Math.max(plot.valToPos(value, "y", true) / ratio, bbox.top / ratio), bottom);
    const text = at === undefined || drawn.length === 1 ? label : `${notation.value(value)} ${label}`;
    const last = plot.valToPos(plot.data[0][lastKnown(row, end)]!, "x", true) / ratio;
    return [{ text, colour: token(`series-text-${index}`), at: y, y, from: at === undefined ? last : undefined }];
  });
  const right = (bbox.left + bbox.width) / ratio;
  ctx.save();
  ctx.scale(ratio, ratio);
  ctx.font = labelFont;
  ctx.textBaseline = "middle";
  ctx.textAlign = "left";
  for (const { text, colour, at, y, from } of spread(labels, 13, bbox.top / ratio, (bbox.top + bbox.height) / ratio)) {
    ctx.strokeStyle = colour;
    ctx.fillStyle = colour;
    ctx.lineWidth = 0.75;
    // A line that ends before the others is led to its name.
    if (from !== undefined && from < right - 1) {
      ctx.setLineDash([1, 3]);
      ctx.beginPath();
      ctx.moveTo(from + 4, at);
      ctx.lineTo(right, at);
      ctx.stroke();
      ctx.setLineDash([]);
    }
    ctx.beginPath();
    ctx.moveTo(right + 1, at);
    ctx.lineTo(right + 7, y);
    ctx.stroke();
    ctx.fillText(shorten(ctx, text, plot.width - right - 12), right + 10, y);
  }
  drawMissing(plot, drawn, ctx, token, ratio);
  ctx.restore();
}

/** A value that is no number is a cross on the axis, not a silent gap. */
function drawMissing(plot: uPlot, drawn: Drawn[], ctx: CanvasRenderingContext2D, token: Token, ratio: number): void {
  const y = (plot.bbox.top + plot.bbox.height) / ratio - 4;
  ctx.lineWidth = 1.25;
  const { min = -Infinity, max = Infinity } = plot.scales.x!;
  for (const { values, x: places, index } of drawn) {
    ctx.strokeStyle = token(`series-${index}`);
    Array.from(values).forEach((value, i) => {
      if (Number.isFinite(value) || places[i]! < min || places[i]! > max) return;
      const x = plot.valToPos(places[i]!, "x", true) / ratio;
      ctx.beginPath();
      ctx.moveTo(x - 3, y - 3);
      ctx.lineTo(x + 3, y + 3);
      ctx.moveTo(x + 3, y - 3);
      ctx.lineTo(x - 3, y + 3);
      ctx.stroke();
    });
  }
}

/** The index of the last value of a line up to a place. */
function lastKnown(row: ArrayLike<number | null | undefined>, end: number): number {
  let last = end;
  while (last > 0 && row[last] == null) last--;
  return last;
}

/** The index of the last place that is still in view. */
function lastBefore(xs: ArrayLike<number>, most: number): number {
  let last = xs.length - 1;
  while (last > 0 && xs[last]! > most) last--;
  return last;
}

function shorten(ctx: CanvasRenderingContext2D, text: string, width: number): string {
  if (ctx.measureText(text).width <= width) return text;
  let kept = text;
  while (kept.length > 1 && ctx.measureText(`${kept}…`).width > width) kept = kept.slice(0, -1);
  return `${kept}…`;
}
