import { render } from "lit";
import { count } from "./format";
import { subscribe } from "./live";
import { type Hit, LogFinder } from "./log-find";
import { headHeight, type Line, LogModel, type Section } from "./log-model";
import { lineRow } from "./log-row";
import { sectionHead, type Step } from "./log-section";
import { type Actions, logTools } from "./log-tools";

const page = 10_000;
const overscan = 12;

/**
 * The log of a job or of a run that stands alone: all of it, live, with only the visible rows in the document.
 * Attributes: `job` or `run`, `start` (µs).
 * The URL's fragment points into it: #L120 a line, #step=NAME a step.
 */
class LogViewer extends HTMLElement {
  #model = new LogModel();
  #finder = new LogFinder();
  #steps = new Map<string, Step>();
  #rows = new Map<string, HTMLElement>();
  #scroll!: HTMLElement;
  #space!: HTMLElement;
  #tools!: HTMLElement;
  #pill!: HTMLButtonElement;
  #following = true;
  #behind = 0;
  #top = 0;
  #placed = -1;
  #complete = false;
  #loading = false;
  #again = false;
  #marked = 0;
  /** The address points to a place that has not been loaded yet. */
  #pointed = /^#(L\d+$|step=)/.test(location.hash);
  #times = true;
  #wrap = false;
  #frame = 0;
  #version: number | undefined;
  #problem = "";
  #stop: (() => void)[] = [];
  #resize = new ResizeObserver(() => this.#rewrap());
  #actions: Actions = {
    toggle: (stream) => this.#toggle(stream),
    find: (text) => this.#find(text),
    step: (by) => this.#step(by),
    setTimes: () => this.#setTimes(),
    setWrap: () => this.#setWrap(),
    download: () => this.#download(),
  };

  connectedCallback(): void {
    this.#build();
    const topic = this.#job ? `job/${this.#job}` : `run/${this.#run}`;
    this.#stop.push(
      subscribe(topic, ({ log = 0, version = 0, state }) => {
        if (this.#job && version !== this.#version) void this.#loadSteps();
        this.#version = version;
        if (log > this.#model.last || (!this.#complete && isOver(state))) void this.#load();
      }),
    );
    const follow = () => this.#goToFragment();
    addEventListener("hashchange", follow);
    this.#stop.push(() => removeEventListener("hashchange", follow));
    this.#resize.observe(this.#scroll);
    if (this.#job) void this.#loadSteps();
    void this.#load();
  }

  disconnectedCallback(): void {
    for (const stop of this.#stop) stop();
    this.#stop = [];
    this.#resize.disconnect();
  }

  get #job(): string {
    return this.getAttribute("job") ?? "";
  }

  get #run(): string {
    return this.getAttribute("run") ?? "";
  }

  get #address(): string {
    return this.#job ? `/api/v1/jobs/${this.#job}` : `/api/v1/runs/${this.#run}`;
  }

  #build(): void {
    this.#tools = document.createElement("div");
    this.#tools.className = "log-tools";
    this.#scroll = document.createElement("div");
    this.#scroll.className = "log-scroll";
    this.#scroll.tabIndex = 0;
    this.#scroll.setAttribute("role", "log");
    this.#scroll.setAttribute("aria-label", "Log");
    this.#scroll.setAttribute("aria-live", "off");
    this.#space = document.createElement("div");
    this.#space.className = "log-space";
    this.#scroll.append(this.#space);
    this.#pill = document.createElement("button");
    this.#pill.type = "button";
    this.#pill.className = "log-pill";
    this.#pill.hidden = true;
    this.#pill.addEventListener("click", () => this.#follow());
    this.#scroll.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    this.#scroll.addEventListener("click", (event) => this.#clicked(event));
    this.replaceChildren(this.#tools, this.#scroll, this.#pill);
    this.#drawTools();
  }

  // Loading

  async #loadSteps(): Promise<void> {
    const answer = await fetch(`/api/v1/jobs/${this.#job}/steps`).catch(() => null);
    if (!answer?.ok) return;
    for (const step of (await answer.json()) as Step[]) this.#steps.set(step.name, step);
    this.#rows.forEach((row, key) => key.startsWith("s") && row.remove());
    for (const key of [...this.#rows.keys()]) if (key.startsWith("s")) this.#rows.delete(key);
    this.#request();
  }

  /** Fetches what is new, page by page; a hint that arrives meanwhile makes it look once more. */
  async #load(): Promise<void> {
    if (this.#loading) {
      this.#again = true;
      return;
    }
    this.#loading = true;
    try {
      do {
        this.#again = false;
        while (await this.#loadPage());
      } while (this.#again);
      this.#problem = "";
    } catch (error) {
      this.#problem = `Could not load the log: ${error instanceof Error ? error.message : error}. It is tried again at the next line.`;
    } finally {
      this.#loading = false;
      this.#request();
    }
  }

  async #loadPage(): Promise<boolean> {
    const answer = await fetch(`${this.#address}/lines?after=${this.#model.last}&limit=${page}`);
    if (!answer.ok) throw new Error(`the server answered ${answer.status}`);
    const { lines, complete } = (await answer.json()) as { lines: Line[]; complete: boolean };
    const streams = this.#model.streams.size;
    this.#model.append(lines);
    this.#finder.extend(this.#model.lines);
    if (!this.#following) this.#behind += lines.length;
    this.#complete = complete;
    if (this.#model.streams.size !== streams || this.#finder.text) this.#drawTools();
    if (this.#pointed && this.#goToFragment()) this.#pointed = false;
    this.#request();
    return lines.length === page;
  }

  // Drawing

  #request(): void {
    this.#frame ||= requestAnimationFrame(() => {
      this.#frame = 0;
      this.#draw();
    });
  }

  #draw(): void {
    const { height } = this.#model;
    this.#space.style.height = `${height}px`;
    if (this.#following) this.#place(height);
    const top = this.#scroll.scrollTop;
    const bottom = top + this.#scroll.clientHeight;
    const wanted = new Map<string, () => HTMLElement>();
    let at = 0;
    for (const section of this.#model.sections) {
      const size = this.#model.heightOf(section);
      if (at + size >= top && at <= bottom) this.#want(wanted, section, at, top, bottom);
      at += size;
    }
    for (const [key, row] of this.#rows) {
      if (wanted.has(key)) continue;
      row.remove();
      this.#rows.delete(key);
    }
    for (const [key, make] of wanted) {
      if (this.#rows.has(key)) continue;
      const row = make();
      this.#rows.set(key, row);
      this.#space.append(row);
    }
    this.#drawPill();
    this.#drawEmpty();
    this.#finder.highlight(this.#rows);
  }

  #want(wanted: Map<string, () => HTMLElement>, section: Section, at: number, top: number, bottom: number): void {
    const first = section.lines[0]!.n;
    if (this.#model.headed) wanted.set(`s${first}@${at}${section.open}`, () => this.#head(section, at));
    if (!section.open) return;
    const from = Math.max(0, this.#model.indexAt(section, top - at) - overscan);
    const to = Math.min(section.lines.length, this.#model.indexAt(section, bottom - at) + overscan);
    for (let i = from; i < to; i++) {
      const line = section.lines[i]!;
      const y = at + this.#model.topOf(section, i);
      wanted.set(`${line.n}@${y}.${line.updates ?? 0}`, () => this.#line(line, y));
    }
  }

  #line(line: Line, y: number): HTMLElement {
    const start = Number(this.getAttribute("start")) || this.#model.first?.t || line.t;
    const row = lineRow(line, this.#times ? start : null);
    row.style.top = `${y}px`;
    row.classList.toggle("wrapped", this.#wrap);
    row.classList.toggle("marked", line.n === this.#marked);
    return row;
  }

  #head(section: Section, y: number): HTMLElement {
    const head = sectionHead(section, this.#model.sections.indexOf(section), this.#steps.get(section.step));
    head.style.top = `${y}px`;
    return head;
  }

  #drawPill(): void {
    const over = this.#complete;
    this.#pill.hidden = (over && this.#following) || this.#model.size === 0 || (over && this.#atEnd());
    this.#pill.toggleAttribute("data-following", this.#following);
    const fresh = this.#behind > 0 ? `, ${count(this.#behind)} new` : "";
    this.#pill.textContent = this.#following ? "Following" : `Jump to latest${fresh}`;
  }

  #drawEmpty(): void {
    let note = this.#space.querySelector<HTMLElement>(".log-empty");
    const text = this.#problem || (this.#model.size > 0 ? "" : this.#complete ? "This job wrote nothing." : "Waiting for the first line.");
    if (!text) return note?.remove();
    if (!note) {
      note = document.createElement("p");
      note.className = "log-empty";
      this.#space.append(note);
    }
    note.textContent = text;
  }

  #drawTools(): void {
    const shown = { model: this.#model, finder: this.#finder, times: this.#times, wrap: this.#wrap };
    render(logTools(shown, this.#actions), this.#tools);
  }

  /** Rows carry what they show, so a change of how they show it makes them anew. */
  #redraw(): void {
    for (const row of this.#rows.values()) row.remove();
    this.#rows.clear();
    this.#request();
  }

  // What people do

  #place(top: number): void {
    this.#scroll.scrollTop = top;
    this.#placed = this.#top = this.#scroll.scrollTop;
  }

  /** A person who scrolls to the end follows, one who scrolls up stops; where this element put the log decides nothing. */
  #scrolled(): void {
    const { scrollTop } = this.#scroll;
    this.#request();
    if (Math.abs(scrollTop - this.#placed) < 2) return;
    this.#placed = -1;
    if (this.#atEnd()) {
      this.#behind = 0;
      this.#following = true;
    } else if (scrollTop < this.#top - 2) {
      this.#following = false;
    }
    this.#top = scrollTop;
  }

  #atEnd(): boolean {
    const { scrollTop, clientHeight, scrollHeight } = this.#scroll;
    return scrollTop + clientHeight >= scrollHeight - 4;
  }

  #follow(): void {
    this.#following = true;
    this.#behind = 0;
    const last = this.#model.sections.at(-1);
    if (last) last.open = true;
    this.#redraw();
  }

  #clicked(event: Event): void {
    const head = (event.target as Element).closest<HTMLElement>("[data-section]");
    if (!head) return;
    const section = this.#model.sections[Number(head.dataset.section)]!;
    section.open = !section.open;
    this.#following = false;
    this.#redraw();
  }

  #toggle(stream: string): void {
    if (!this.#model.hidden.delete(stream)) this.#model.hidden.add(stream);
    this.#model.rebuild();
    this.#drawTools();
    this.#redraw();
  }

  #setTimes(): void {
    this.#times = !this.#times;
    this.#drawTools();
    this.#redraw();
  }

  #setWrap(): void {
    this.#wrap = !this.#wrap;
    this.#drawTools();
    this.#rewrap();
  }

  /** With a fixed pitch the height of a wrapped line is known without laying it out. */
  #rewrap(): void {
    const columns = this.#wrap ? Math.max(20, Math.floor((this.#scroll.clientWidth - 58 - 68 - 18 - 32) / 7.2)) : 0;
    if (columns !== this.#model.columns) {
      this.#model.columns = columns;
      this.#model.rebuild();
      this.#redraw();
    }
    this.#request();
  }

  #find(text: string): void {
    this.#finder.search(text, this.#model.lines);
    if (this.#finder.hits.length > 0) this.#show(this.#finder.hits[this.#finder.here]!);
    this.#drawTools();
    this.#request();
  }

  #step(by: number): void {
    const hit = this.#finder.step(by);
    if (hit) this.#show(hit);
    this.#drawTools();
    this.#request();
  }

  #show({ n }: Hit): boolean {
    const place = this.#model.find(n);
    if (!place) return false;
    this.#following = false;
    if (!place.section.open) place.section.open = true;
    const { top } = this.#model.find(n)!;
    this.#space.style.height = `${this.#model.height}px`;
    this.#place(Math.max(0, top - this.#scroll.clientHeight / 3));
    this.#request();
    return true;
  }

  /** Whether the place the address points to is there. */
  #goToFragment(): boolean {
    const line = /^#L(\d+)$/.exec(location.hash);
    const step = /^#step=(.+)/.exec(location.hash);
    if (line) {
      this.#marked = Number(line[1]);
      if (!this.#show({ n: this.#marked })) return false;
    } else if (step) {
      const section = this.#model.sections.find((one) => one.step === decodeURIComponent(step[1]!));
      if (!section) return false;
      section.open = true;
      this.#following = false;
      this.#space.style.height = `${this.#model.height}px`;
      this.#place(this.#model.find(section.lines[0]!.n)!.top - headHeight);
    }
    this.#redraw();
    return true;
  }

  #download(): void {
    const text = this.#model.lines.map(({ m }) => m).join("\n");
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text, "\n"], { type: "text/plain" }));
    link.download = this.#job ? `job-${this.#job}.log` : `run-${this.#run}.log`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  }
}

function isOver(state: string | undefined): boolean {
  return /^(finished|failed|cancelled|skipped|killed)$/i.test(state ?? "");
}

customElements.define("log-viewer", LogViewer);
