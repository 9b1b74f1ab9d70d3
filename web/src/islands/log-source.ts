import type { Hint } from "./live-hints";
import type { Line } from "./log-model";
import type { Step } from "./log-section";

const page = 10_000;

/** What a source tells: new lines, the steps of the job, and that it has come to an end or to a problem. */
export interface LogListener {
  lines(lines: Line[]): void;
  steps(steps: Step[]): void;
  settled(): void;
}

export type Subscribe = (topic: string, listener: (hint: Hint) => void) => () => void;

/** The log of a job or of a run that stands alone: all of it, page by page, and what comes when live hints say so. */
export class LogSource {
  /** Nothing will come any more. */
  complete = false;
  /** Why nothing came, in words; empty when all is well. */
  problem = "";
  #last = 0;
  #version: number | undefined;
  #loading = false;
  #again = false;

  constructor(
    readonly job: string,
    readonly run: string,
    private readonly listener: LogListener,
  ) {}

  /** Loads what there is, and then what comes, until the answer is called. */
  follow(subscribe: Subscribe): () => void {
    const stop = subscribe(this.job ? `job/${this.job}` : `run/${this.run}`, (hint) => this.#hear(hint));
    void this.#loadSteps();
    void this.#load();
    return stop;
  }

  #hear({ log = 0, version = 0, state }: Hint): void {
    if (version !== this.#version) void this.#loadSteps();
    this.#version = version;
    if (log > this.#last || (!this.complete && isOver(state))) void this.#load();
  }

  async #loadSteps(): Promise<void> {
    if (!this.job) return;
    const answer = await fetch(`/api/v1/jobs/${this.job}/steps`).catch(() => null);
    if (answer?.ok) this.listener.steps((await answer.json()) as Step[]);
  }

  /** A hint that arrives while it loads makes it look once more. */
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
      this.problem = "";
    } catch (error) {
      this.problem = `Could not load the log: ${error instanceof Error ? error.message : error}. It is tried again at the next line.`;
    } finally {
      this.#loading = false;
      this.listener.settled();
    }
  }

  /** Whether there may be more. */
  async #loadPage(): Promise<boolean> {
    const address = this.job ? `/api/v1/jobs/${this.job}` : `/api/v1/runs/${this.run}`;
    const answer = await fetch(`${address}/lines?after=${this.#last}&limit=${page}`);
    if (!answer.ok) throw new Error(`the server answered ${answer.status}`);
    const { lines, complete } = (await answer.json()) as { lines: Line[]; complete: boolean };
    this.complete = complete;
    this.#last = lines.at(-1)?.n ?? this.#last;
    this.listener.lines(lines);
    return lines.length === page;
  }
}

function isOver(state: string | undefined): boolean {
  return /^(finished|failed|cancelled|skipped|killed)$/i.test(state ?? "");
}
