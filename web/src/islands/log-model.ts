/** A line as the server gives it: number, time (µs), stream, level, step, logger, text. */
export interface Line {
  n: number;
  t: number;
  s: string;
  l?: string | null;
  step?: string | null;
  logger?: string | null;
  m: string;
  /** How many updates of a progress bar this line stands for. */
  updates?: number;
}

export interface Section {
  step: string;
  lines: Line[];
  open: boolean;
  /** Heights before each line, in line boxes; kept only while lines wrap. */
  boxes?: number[];
}

export const lineHeight = 20;
export const headHeight = 28;

const bar = /(\d{1,3})%\|/;

/** What a terminal would show of a line in which the cursor went back. */
export function visible(text: string): string {
  const end = text.lastIndexOf("\r");
  return end < 0 ? text : text.slice(end + 1) || text.slice(text.lastIndexOf("\r", end - 1) + 1, end);
}

export function progress(text: string): { percent: number; before: string; after: string } | null {
  const hit = bar.exec(text);
  if (!hit) return null;
  const rest = text.slice(hit.index + hit[0].length);
  const end = rest.indexOf("|");
  return { percent: Number(hit[1]), before: text.slice(0, hit.index), after: end < 0 ? rest : rest.slice(end + 1) };
}

/** Lines in sections by step, with what is needed to place any of them without a look at the others. */
export class LogModel {
  readonly sections: Section[] = [];
  first: Line | undefined;
  last = 0;
  size = 0;
  columns = 0;
  hidden = new Set<string>();
  readonly streams = new Set<string>();
  readonly #all: Line[] = [];

  get lines(): readonly Line[] {
    return this.#all;
  }

  append(lines: Line[]): void {
    for (const line of lines) {
      if (line.n <= this.last) continue;
      this.last = line.n;
      line.m = visible(line.m);
      this.first ??= line;
      this.streams.add(line.s);
      const before = this.#all.at(-1);
      if (before && before.s === line.s && before.step === line.step && bar.test(line.m) && bar.test(before.m)) {
        before.updates = (before.updates ?? 1) + 1;
        before.m = line.m;
        before.t = line.t;
        continue;
      }
      this.#all.push(line);
      this.#place(line);
    }
  }

  #place(line: Line): void {
    if (this.hidden.has(line.s)) return;
    const step = line.step ?? "";
    let section = this.sections.at(-1);
    if (!section || section.step !== step) {
      section = { step, lines: [], open: true };
      if (this.columns > 0) section.boxes = [0];
      this.sections.push(section);
    }
    section.lines.push(line);
    section.boxes?.push(section.boxes.at(-1)! + this.#rows(line));
    this.size++;
  }

  /** Sections again from all lines, after a change of streams or of wrapping. */
  rebuild(): void {
    const closed = new Set(this.sections.filter(({ open }) => !open).map(({ step }) => step));
    this.sections.length = 0;
    this.size = 0;
    for (const line of this.#all) this.#place(line);
    for (const section of this.sections) section.open = !closed.has(section.step);
  }

  #rows(line: Line): number {
    return Math.max(1, Math.ceil(line.m.length / this.columns));
  }

  /** A log of one section without a step needs no heads. */
  get headed(): boolean {
    return this.sections.length > 1 || (this.sections[0]?.step ?? "") !== "";
  }

  heightOf(section: Section): number {
    const head = this.headed ? headHeight : 0;
    if (!section.open) return head;
    return head + (section.boxes ? section.boxes.at(-1)! : section.lines.length) * lineHeight;
  }

  get height(): number {
    return this.sections.reduce((sum, section) => sum + this.heightOf(section), 0);
  }

  topOf(section: Section, index: number): number {
    return (this.headed ? headHeight : 0) + (section.boxes?.[index] ?? index) * lineHeight;
  }

  /** The first line of a section that reaches below the given distance from the section's top. */
  indexAt(section: Section, distance: number): number {
    const boxes = Math.floor((distance - (this.headed ? headHeight : 0)) / lineHeight);
    if (boxes <= 0) return 0;
    if (!section.boxes) return Math.min(boxes, section.lines.length);
    let low = 0;
    let high = section.lines.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (section.boxes[middle + 1]! <= boxes) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Where a line stands, opening nothing. */
  find(n: number): { section: Section; index: number; top: number } | null {
    let top = 0;
    for (const section of this.sections) {
      const { lines } = section;
      if (lines.length > 0 && lines[0]!.n <= n && n <= lines.at(-1)!.n) {
        let low = 0;
        let high = lines.length - 1;
        while (low < high) {
          const middle = (low + high) >> 1;
          if (lines[middle]!.n < n) low = middle + 1;
          else high = middle;
        }
        return { section, index: low, top: top + this.topOf(section, low) };
      }
      top += this.heightOf(section);
    }
    return null;
  }
}
