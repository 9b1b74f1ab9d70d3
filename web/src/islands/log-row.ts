import { offset } from "./format";
import { type Line, progress } from "./log-model";

const pairs = /([A-Za-z_][\w.]*=)("[^"]*"|'[^']*'|[^\s,;)\]]+)/g;

const kinds: Record<string, string> = {
  DEBUG: "debug",
  WARNING: "warn",
  ERROR: "error",
  CRITICAL: "error",
};

/** One line as a row: number, time since the start, letter of its level, text with its values set off. */
export function lineRow(line: Line, start: number | null): HTMLElement {
  const row = document.createElement("div");
  const kind = kinds[line.l ?? ""] ?? (line.s === "system" ? "system" : "");
  row.className = `log-row ${kind}`;
  row.dataset.n = String(line.n);
  const number = document.createElement("a");
  number.className = "log-n";
  number.href = `#L${line.n}`;
  number.tabIndex = -1;
  number.textContent = String(line.n);
  row.append(number);
  if (start !== null) row.append(cell("log-t", offset(line.t - start)));
  row.append(cell("log-l", kind === "warn" ? "W" : kind === "error" ? "E" : ""));
  const text = cell("log-m", "");
  const bar = progress(line.m);
  if (bar) fillProgress(text, line, bar);
  else fillText(text, line.m);
  row.append(text);
  return row;
}

function cell(name: string, text: string): HTMLElement {
  const span = document.createElement("span");
  span.className = name;
  span.textContent = text;
  return span;
}

function fillText(into: HTMLElement, text: string): void {
  let from = 0;
  for (const hit of text.matchAll(pairs)) {
    const value = hit.index + hit[1]!.length;
    into.append(text.slice(from, value));
    const strong = document.createElement("b");
    strong.textContent = hit[2]!;
    into.append(strong);
    from = value + hit[2]!.length;
  }
  into.append(text.slice(from));
}

function fillProgress(into: HTMLElement, line: Line, bar: NonNullable<ReturnType<typeof progress>>): void {
  const width = 160;
  const at = (width * Math.min(100, bar.percent)) / 100;
  into.append(`${bar.before}${bar.percent} %`);
  into.insertAdjacentHTML(
    "beforeend",
    `<svg class="scale progress-scale" width="${width}" height="12" aria-hidden="true"><path class="base" d="M.5 2v8M0 6.5h${width}M${width - 0.5} 2v8"/><rect class="done" y="5" width="${at}" height="2"/></svg>`,
  );
  into.append(bar.after.trim());
  if (line.updates) into.append(`, collapsed from ${line.updates} updates`);
}
