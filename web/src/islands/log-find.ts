import type { Line } from "./log-model";

export interface Hit {
  n: number;
}

/** Finds a text or a /regular expression/ in the lines, and marks the hits that are on the screen. */
export class LogFinder {
  text = "";
  problem = "";
  hits: Hit[] = [];
  here = 0;
  #pattern: RegExp | undefined;
  #searched = 0;

  search(text: string, lines: readonly Line[]): void {
    this.text = text;
    this.hits = [];
    this.here = 0;
    this.#searched = 0;
    this.problem = "";
    this.#pattern = undefined;
    try {
      this.#pattern = pattern(text);
    } catch {
      this.problem = "no regex";
    }
    this.extend(lines);
  }

  /** Looks through the lines that came since. */
  extend(lines: readonly Line[]): void {
    if (!this.#pattern) return;
    for (; this.#searched < lines.length; this.#searched++) {
      const { n, m } = lines[this.#searched]!;
      this.#pattern.lastIndex = 0;
      if (this.#pattern.test(m)) this.hits.push({ n });
    }
  }

  step(by: number): Hit | undefined {
    if (this.hits.length === 0) return undefined;
    this.here = (this.here + by + this.hits.length) % this.hits.length;
    return this.hits[this.here];
  }

  /** Uses the browser's highlights, which leave the rows' elements as they are. */
  highlight(rows: Map<string, HTMLElement>): void {
    if (typeof Highlight === "undefined") return;
    const all: Range[] = [];
    const here: Range[] = [];
    const current = String(this.hits[this.here]?.n);
    if (this.#pattern) {
      for (const row of rows.values()) {
        const text = row.querySelector(".log-m");
        if (text) (row.dataset.n === current ? here : all).push(...ranges(text, this.#pattern));
      }
    }
    CSS.highlights.set("log-find", new Highlight(...all));
    CSS.highlights.set("log-find-here", new Highlight(...here));
  }
}

function pattern(text: string): RegExp | undefined {
  if (!text) return undefined;
  const regex = /^\/(.+)\/(i?)$/.exec(text);
  if (regex) return new RegExp(regex[1]!, `g${regex[2]}`);
  return new RegExp(text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"), "gi");
}

function ranges(element: Element, pattern: RegExp): Range[] {
  const found: Range[] = [];
  const nodes: [Text, number][] = [];
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  let length = 0;
  while (walker.nextNode()) {
    const node = walker.currentNode as Text;
    nodes.push([node, length]);
    length += node.length;
  }
  const place = (at: number): [Text, number] => {
    const [node, from] = nodes.findLast(([, start]) => start <= at) ?? nodes[0]!;
    return [node, Math.min(at - from, node.length)];
  };
  pattern.lastIndex = 0;
  for (const hit of (element.textContent ?? "").matchAll(pattern)) {
    if (hit[0].length === 0) continue;
    const range = document.createRange();
    range.setStart(...place(hit.index));
    range.setEnd(...place(hit.index + hit[0].length));
    found.push(range);
  }
  return found;
}
