import { timeOfDay } from "./format";
import { subscribe, watchConnection } from "./live";
import { replaceParts } from "./parts";

const spacing = 700;
const pointSpacing = 2500;

/**
 * Keeps the page true: at a hint about one of its `topics` it asks for the page again and puts the new text of each
 * `data-part` in place. The server alone knows how a part looks. `points` are topics whose new metric points are shown
 * too, less often, since they may come all the time. `every` (seconds) is for what moves with the clock.
 */
class LiveSource extends HTMLElement {
  #stop: (() => void)[] = [];
  #timer: ReturnType<typeof setInterval> | undefined;
  #versions = new Map<string, string>();
  #points = new Map<string, number>();
  #due: ReturnType<typeof setTimeout> | undefined;
  #dueAt = Infinity;
  #last = performance.now();
  #busy = false;

  connectedCallback(): void {
    this.classList.add("live");
    for (const topic of this.#list("points")) {
      this.#stop.push(
        subscribe(topic, ({ metrics }) => {
          // The first number counts as news: the page may have been written before it.
          if (metrics === undefined || metrics === this.#points.get(topic)) return;
          this.#points.set(topic, metrics);
          this.#schedule(pointSpacing);
        }),
      );
    }
    for (const topic of this.#list("topics")) {
      this.#stop.push(
        subscribe(topic, ({ state, version }) => {
          const seen = `${state ?? ""}:${version ?? ""}`;
          const before = this.#versions.get(topic) ?? this.getAttribute("seen") ?? undefined;
          this.#versions.set(topic, seen);
          if (seen !== before) this.#schedule();
        }),
      );
    }
    this.#stop.push(
      watchConnection((open, lost) => {
        this.dataset.state = open ? "on" : "off";
        this.textContent = open ? "Live" : lost ? `Not reached since ${timeOfDay(lost)}` : "Connecting";
      }),
    );
    const every = Number(this.getAttribute("every"));
    if (every > 0) this.#timer = setInterval(() => document.hidden || this.#schedule(), every * 1000);
  }

  disconnectedCallback(): void {
    for (const stop of this.#stop) stop();
    this.#stop = [];
    clearInterval(this.#timer);
    clearTimeout(this.#due);
  }

  #list(name: string): string[] {
    return (this.getAttribute(name) ?? "").split(" ").filter(Boolean);
  }

  /** The earliest of what was asked for stands. */
  #schedule(after = spacing): void {
    const at = Math.max(performance.now(), this.#last + after);
    if (at >= this.#dueAt) return;
    clearTimeout(this.#due);
    this.#dueAt = at;
    this.#due = setTimeout(() => {
      this.#dueAt = Infinity;
      void this.#refresh();
    }, at - performance.now());
  }

  async #refresh(): Promise<void> {
    if (this.#busy) return this.#schedule();
    this.#busy = true;
    this.#last = performance.now();
    try {
      const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
      if (!answer.ok || answer.redirected) return;
      replaceParts(new DOMParser().parseFromString(await answer.text(), "text/html"));
    } catch {
      // The connection is down; the stream says so, and a later hint asks again.
    } finally {
      this.#busy = false;
    }
  }
}

customElements.define("live-source", LiveSource);
