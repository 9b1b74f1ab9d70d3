import { metric, tick } from "./format";

/** How the values of a series are written: on an axis, and where one stands for itself. */
export interface Notation {
  tick: (value: number | null) => string;
  value: (value: number) => string;
  /** Steps an axis may have, where round numbers are not the decimal ones. */
  steps?: number[];
}

const plain: Notation = { tick, value: metric };

const percent: Notation = {
  tick: (value) => (value === null ? "" : `${tick(value)} %`),
  value: (value) => (Number.isFinite(value) ? `${value.toFixed(1)} %` : metric(value)),
};

const bytes: Notation = { tick: (value) => size(value, 0), value: (value) => size(value, 2), steps: Array.from({ length: 54 }, (_, power) => 2 ** power) };

const rate: Notation = { ...bytes, value: (value) => `${size(value, 2)}/s` };

/** What a worker measures has a unit, which the name tells; what user code logs is a number. */
export function notation(name: string): Notation {
  if (/^system\/(gpu\d+\/)?memory$/.test(name)) return bytes;
  if (/^system\/(disk|network)\//.test(name)) return rate;
  return /^system\/(cpu|gpu\d+)$/.test(name) ? percent : plain;
}

function size(value: number | null, decimals: number): string {
  if (value === null) return "";
  if (!Number.isFinite(value)) return metric(value);
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let rest = value;
  while (Math.abs(rest) >= 1024 && units.length > 1) {
    rest /= 1024;
    units.shift();
  }
  const digits = units[0] === "B" ? 0 : decimals || (Number.isInteger(rest) ? 0 : 1);
  return `${rest.toFixed(digits)} ${units[0]}`.replace("-", "−");
}
