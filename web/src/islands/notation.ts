import { metric, tick } from "./format";

/** How the values of a series are written: the marks of an axis, and a value that stands for itself. */
export interface Notation {
  ticks: (marks: (number | null)[]) => string[];
  value: (value: number) => string;
  /** Where round numbers are powers of two: the distances that marks may have. */
  steps?: number[];
}

const units = ["B", "KiB", "MiB", "GiB", "TiB"];

const plain: Notation = { ticks: (marks) => marks.map(tick), value: metric };

const percent: Notation = {
  ticks: (marks) => marks.map((mark) => (mark === null ? "" : `${tick(mark)} %`)),
  value: (value) => (Number.isFinite(value) ? `${value.toFixed(1)} %` : metric(value)),
};

const bytes: Notation = { ticks: byteMarks, value: (value) => size(value), steps: Array.from({ length: 54 }, (_, power) => 2 ** power) };

const rate: Notation = { ...bytes, value: (value) => `${size(value)}/s` };

/** What a worker measures has a unit, which the name tells; what user code logs is a number. */
export function notation(name: string): Notation {
  if (/^system\/(gpu\d+\/)?memory$/.test(name)) return bytes;
  if (/^system\/(disk|network)\//.test(name)) return rate;
  return /^system\/(cpu|gpu\d+)$/.test(name) ? percent : plain;
}

/** As many decimals as it takes to tell two neighbours apart. */
function byteMarks(marks: (number | null)[]): string[] {
  const said = marks.filter((mark) => mark !== null);
  const gaps = said.slice(1).map((mark, i) => Math.abs(mark - said[i]!));
  const isEven = gaps.every((gap) => gap === gaps[0]);
  // The largest unit in which they still differ in their thousandths.
  const common = Math.min(power(Math.max(...said.map(Math.abs))), power(1000 * (gaps[0] ?? Infinity)));
  return marks.map((mark) => {
    if (mark === null) return "";
    // On a logarithmic axis each has its own unit, and none is next to another.
    const unit = isEven ? common : power(mark);
    const step = isEven && gaps[0] ? gaps[0] / 1024 ** unit : 1;
    const decimals = unit === 0 || step >= 1 ? 0 : Math.ceil(-Math.log10(step));
    return mark === 0 ? "0" : write(mark / 1024 ** unit, decimals, unit);
  });
}

function size(value: number): string {
  if (!Number.isFinite(value)) return metric(value);
  const unit = power(value);
  return write(value / 1024 ** unit, unit === 0 ? 0 : 2, unit);
}

/** Which power of 1024 the unit of a value is. */
function power(value: number): number {
  const size = Math.abs(value);
  return size < 1024 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(size) / 10));
}

function write(value: number, decimals: number, unit: number): string {
  return `${value.toFixed(decimals)} ${units[unit]}`.replace("-", "−");
}
