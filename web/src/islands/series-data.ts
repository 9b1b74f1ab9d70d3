export interface Series {
  name: string;
  steps: number[];
  values: (number | string)[];
  times: number[];
}

/** One x axis for many series: uPlot wants a shared, sorted x with gaps where a series has no point. */
export function align(series: { steps: number[]; values: number[] }[]): [number[], ...(number | null)[][]] {
  const xs = [...new Set(series.flatMap((one) => one.steps))].sort((a, b) => a - b);
  const place = new Map(xs.map((x, i) => [x, i]));
  const rows = series.map(({ steps, values }) => {
    const row = new Array<number | null | undefined>(xs.length).fill(undefined);
    steps.forEach((step, i) => {
      const value = values[i]!;
      row[place.get(step)!] = Number.isFinite(value) ? value : null;
    });
    return row as (number | null)[];
  });
  return [xs, ...rows];
}

/** What JSON cannot say arrives as text. */
export function number(value: number | string): number {
  if (typeof value === "number") return value;
  if (/^\+?inf/i.test(value)) return Infinity;
  if (/^-inf/i.test(value)) return -Infinity;
  return Number.NaN;
}

export async function fetchSeries(job: string, name: string, points: number, signal: AbortSignal): Promise<Series | null> {
  const query = new URLSearchParams({ name, points: String(points) });
  const answer = await fetch(`/api/v1/jobs/${job}/series?${query}`, { signal });
  if (answer.status === 404) return null;
  if (!answer.ok) throw new Error(`The series ${name} of job ${job} answered ${answer.status}.`);
  return (await answer.json()) as Series;
}
