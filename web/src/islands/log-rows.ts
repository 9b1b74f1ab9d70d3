import type { Line, LogModel, Section } from "./log-model";
import { lineRow } from "./log-row";
import { sectionHead, type Step } from "./log-section";

const overscan = 12;

/** How rows are shown. They carry it, so after a change they are made anew. */
export interface RowLook {
  /** Times count from here; null shows none. */
  start: number | null;
  wrap: boolean;
  marked: number;
  steps: Map<string, Step>;
}

/** The rows of a log that are in the document: those on the screen, and some around them. */
export class LogRows {
  readonly shown = new Map<string, HTMLElement>();

  constructor(
    private readonly space: HTMLElement,
    private readonly model: LogModel,
  ) {}

  draw(top: number, bottom: number, look: RowLook): void {
    const wanted = new Map<string, () => HTMLElement>();
    let at = 0;
    for (const section of this.model.sections) {
      const size = this.model.heightOf(section);
      if (at + size >= top && at <= bottom) this.#want(wanted, section, at, top, bottom, look);
      at += size;
    }
    for (const [key, row] of this.shown) {
      if (wanted.has(key)) continue;
      row.remove();
      this.shown.delete(key);
    }
    for (const [key, make] of wanted) {
      if (this.shown.has(key)) continue;
      const row = make();
      this.shown.set(key, row);
      this.space.append(row);
    }
  }

  clear(): void {
    for (const row of this.shown.values()) row.remove();
    this.shown.clear();
  }

  /** Heads say how their steps are. */
  dropHeads(): void {
    for (const [key, row] of this.shown) {
      if (!key.startsWith("s")) continue;
      row.remove();
      this.shown.delete(key);
    }
  }

  #want(wanted: Map<string, () => HTMLElement>, section: Section, at: number, top: number, bottom: number, look: RowLook): void {
    const first = section.lines[0]!.n;
    if (this.model.headed) wanted.set(`s${first}@${at}${section.open}`, () => this.#head(section, at, look));
    if (!section.open) return;
    const from = Math.max(0, this.model.indexAt(section, top - at) - overscan);
    const to = Math.min(section.lines.length, this.model.indexAt(section, bottom - at) + overscan);
    for (let i = from; i < to; i++) {
      const line = section.lines[i]!;
      const y = at + this.model.topOf(section, i);
      wanted.set(`${line.n}@${y}.${line.updates ?? 0}`, () => this.#line(line, y, look));
    }
  }

  #line(line: Line, y: number, { start, wrap, marked }: RowLook): HTMLElement {
    const row = lineRow(line, start);
    row.style.top = `${y}px`;
    row.classList.toggle("wrapped", wrap);
    row.classList.toggle("marked", line.n === marked);
    return row;
  }

  #head(section: Section, y: number, { steps }: RowLook): HTMLElement {
    const head = sectionHead(section, this.model.sections.indexOf(section), steps.get(section.step));
    head.style.top = `${y}px`;
    return head;
  }
}
