/** Points of one series as columns; times in microseconds. */
export interface Columns {
  steps: Float64Array | number[];
  times: Float64Array | number[];
  values: Float64Array | number[];
}

export interface Series extends Columns {
  job: number | null;
  run: string;
  name: string;
  count: number;
}

export interface Answer {
  series: Series[];
  cursor: string;
}

export interface Question {
  jobs: string[];
  name: string;
  points: number;
  axis: "step" | "time";
  from?: number;
  to?: number;
  cursor?: string;
}

const magic = "ALIDSER1";

/** Whether it is the number of a job, or the id of a run that a script tracks by itself. */
export function isJob(key: string): boolean {
  return /^\d{1,19}$/.test(key);
}

/** The points of a metric of many jobs and runs in one answer; with a cursor only what has come since. */
export async function fetchSeries(question: Question, signal: AbortSignal): Promise<Answer> {
  const query = new URLSearchParams({ names: question.name, points: String(question.points), axis: question.axis, format: "binary" });
  for (const key of question.jobs) query.append(isJob(key) ? "jobs" : "runs", key);
  if (question.from !== undefined) query.set("from", String(Math.floor(question.from)));
  if (question.to !== undefined) query.set("to", String(Math.ceil(question.to)));
  if (question.cursor) query.set("cursor", question.cursor);
  const answer = await fetch(`/api/v1/series?${query}`, { signal });
  if (!answer.ok) throw new Error(`The series ${question.name} answered ${answer.status}.`);
  return parse(await answer.arrayBuffer());
}

/** Reads the binary form: a head in JSON, then the columns of each series as 64-bit numbers, in place. */
export function parse(bytes: ArrayBuffer): Answer {
  const start = new Uint8Array(bytes, 0, 16);
  if (new TextDecoder().decode(start.subarray(0, 8)) !== magic) throw new Error("The server answered something else than series.");
  const length = new DataView(bytes).getUint32(8, true);
  const head = JSON.parse(new TextDecoder().decode(new Uint8Array(bytes, 16, length))) as {
    series: (Omit<Series, keyof Columns> & { points: number })[];
    cursor: string;
  };
  let at = 16 + length;
  const column = (count: number) => {
    const numbers = new Float64Array(bytes, at, count);
    at += count * 8;
    return numbers;
  };
  const series = head.series.map(({ points, ...one }) => ({ ...one, steps: column(points), times: column(points), values: column(points) }));
  return { series, cursor: head.cursor };
}

/** Old points with those that came since, in order of step and time; a point that is there already is not added. */
export function merge(old: Columns, fresh: Columns): Columns {
  const order = (a: number, b: number) => {
    const [one, i] = a < old.steps.length ? [old, a] : [fresh, a - old.steps.length];
    const [two, j] = b < old.steps.length ? [old, b] : [fresh, b - old.steps.length];
    return one.steps[i]! - two.steps[j]! || one.times[i]! - two.times[j]!;
  };
  const all = { steps: [...old.steps, ...fresh.steps], times: [...old.times, ...fresh.times], values: [...old.values, ...fresh.values] };
  const places = all.steps.map((_, i) => i).sort((a, b) => order(a, b) || a - b);
  const kept = places.filter((place, i) => {
    for (let k = i - 1; k >= 0 && order(places[k]!, place) === 0; k--) {
      if (Object.is(all.values[places[k]!], all.values[place])) return false;
    }
    return true;
  });
  return {
    steps: kept.map((i) => all.steps[i]!),
    times: kept.map((i) => all.times[i]!),
    values: kept.map((i) => all.values[i]!),
  };
}

/** What was seen close, between what lies beside it: lines go on to the edges of the view and beyond. */
export function within(whole: Columns, close: Columns | undefined): Columns {
  if (!close || close.steps.length === 0) return whole;
  const before = whole.steps.findIndex((step) => step >= close.steps[0]!);
  const after = whole.steps.findIndex((step) => step > close.steps.at(-1)!);
  const around = (name: keyof Columns): number[] => [
    ...(before < 0 ? [] : whole[name].slice(0, before)),
    ...close[name],
    ...(after < 0 ? [] : whole[name].slice(after)),
  ];
  return { steps: around("steps"), times: around("times"), values: around("values") };
}

/** Exponential moving average without the pull of its start; what is no number stays where it is and counts for nothing. */
export function smooth(values: ArrayLike<number>, weight: number): number[] {
  let mean = 0;
  let known = 0;
  return Array.from(values, (value) => {
    if (!Number.isFinite(value)) return value;
    mean = mean * weight + value * (1 - weight);
    known = known * weight + (1 - weight);
    return mean / known;
  });
}

/** One x axis for many series: uPlot wants a shared, sorted x with gaps where a series has no point. */
export function align(series: { x: ArrayLike<number>; y: ArrayLike<number> }[]): [number[], ...(number | null)[][]] {
  const xs = [...new Set(series.flatMap((one) => Array.from(one.x)))].sort((a, b) => a - b);
  const place = new Map(xs.map((x, i) => [x, i]));
  const rows = series.map(({ x, y }) => {
    const row = new Array<number | null | undefined>(xs.length).fill(undefined);
    for (let i = 0; i < x.length; i++) row[place.get(x[i]!)!] = Number.isFinite(y[i]!) ? y[i]! : null;
    return row as (number | null)[];
  });
  return [xs, ...rows];
}

/** The value that a line has at a place: its own there, or else the last one before. */
export function valueAt(row: ArrayLike<number | null | undefined>, index: number): number | undefined {
  for (let i = index; i >= 0; i--) {
    const value = row[i];
    if (typeof value === "number") return value;
  }
  return undefined;
}
