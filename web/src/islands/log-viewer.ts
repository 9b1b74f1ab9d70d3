import { render } from "lit";
import { count } from "./format";
import { subscribe } from "./live";
import { type Hit, LogFinder } from "./log-find";
import { headHeight, type Line, LogModel } from "./log-model";
import { LogRows } from "./log-rows";
import type { Step } from "./log-section";
import { LogSource } from "./log-source";
import { type Actions, logTools } from "./log-tools";

/**
 * The log of a job or of a run that stands alone: all of it, live, with only the visible rows in the document.
 * Attributes: `job` or `run`, `start` (µs).
 * The URL's fragment points into it: #L120 a line, #step=NAME a step.
 */
class LogViewer extends HTMLElement {
  #model = new LogModel();
  #finder = new LogFinder();
  #source!: LogSource;
  #rows!: LogRows;
  #steps = new Map<string, Step>();
  #scroll!: HTMLElement;
  #space!: HTMLElement;
  #tools!: HTMLElement;
  #pill!: HTMLButtonElement;
  #following = true;
  #behind = 0;
  #top = 0;
  #placed = -1;
  #marked = 0;
  /** The address points to a place that has not been loaded yet. */
  #pointed = /^#(L\d+$|step=)/.test(location.hash);
  #times = true;
  #wrap = false;
  #frame = 0;
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
    const follow = () => this.#goToFragment();
    addEventListener("hashchange", follow);
    this.#stop.push(() => removeEventListener("hashchange", follow));
    this.#resize.observe(this.#scroll);
    this.#source ??= new LogSource(this.#job, this.#run, {
      lines: (lines) => this.#take(lines),
      steps: (steps) => this.#know(steps),
      settled: () => this.#request(),
    });
    this.#stop.push(this.#source.follow(subscribe));
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
    this.#rows = new LogRows(this.#space, this.#model);
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

  // What comes

  #take(lines: Line[]): void {
    const streams = this.#model.streams.size;
    this.#model.append(lines);
    this.#finder.extend(this.#model.lines);
    if (!this.#following) this.#behind += lines.length;
    if (this.#model.streams.size !== streams || this.#finder.text) this.#drawTools();
    if (this.#pointed && this.#goToFragment()) this.#pointed = false;
    this.#request();
  }

  #know(steps: Step[]): void {
    for (const step of steps) this.#steps.set(step.name, step);
    this.#rows.dropHeads();
    this.#request();
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
    this.#rows.draw(top, top + this.#scroll.clientHeight, {
      start: this.#times ? Number(this.getAttribute("start")) || this.#model.first?.t || 0 : null,
      wrap: this.#wrap,
      marked: this.#marked,
      steps: this.#steps,
    });
    this.#drawPill();
    this.#drawEmpty();
    this.#finder.highlight(this.#rows.shown);
  }

  #drawPill(): void {
    const over = this.#source.complete;
    this.#pill.hidden = (over && this.#following) || this.#model.size === 0 || (over && this.#atEnd());
    this.#pill.toggleAttribute("data-following", this.#following);
    const fresh = this.#behind > 0 ? `, ${count(this.#behind)} new` : "";
    this.#pill.textContent = this.#following ? "Following" : `Jump to latest${fresh}`;
  }

  #drawEmpty(): void {
    let note = this.#space.querySelector<HTMLElement>(".log-empty");
    const text = this.#source.problem || (this.#model.size > 0 ? "" : this.#source.complete ? `This ${this.hasAttribute("run") ? "run" : "job"} wrote nothing.` : "Waiting for the first line.");
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

customElements.define("log-viewer", LogViewer);
