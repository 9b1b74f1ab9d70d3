/** What the server says of a topic: that something changed, never what. */
export interface Hint {
  topic: string;
  state?: string;
  log?: number;
  metrics?: number;
  version?: number;
}

export type Said = { kind: "hint"; hint: Hint } | { kind: "open"; open: boolean };
export type Asked = { kind: "topics"; topics: string[] } | { kind: "alive" } | { kind: "bye" };

/** One stream of hints for a changing set of topics; a change reopens it, and the server then says each present value. */
export class HintStream {
  #source: EventSource | undefined;
  #url = "";
  #pending: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly path: string,
    private readonly say: (said: Said) => void,
  ) {}

  watch(topics: Iterable<string>): void {
    const query = [...new Set(topics)].sort().map((topic) => `topics=${encodeURIComponent(topic)}`);
    const url = query.length > 0 ? `${this.path}?${query.join("&")}` : "";
    if (url === this.#url) return;
    this.#url = url;
    clearTimeout(this.#pending);
    this.#pending = setTimeout(() => this.#open(), 30);
  }

  #open(): void {
    this.#source?.close();
    this.#source = undefined;
    if (!this.#url) return;
    const source = new EventSource(this.#url);
    this.#source = source;
    source.onopen = () => this.say({ kind: "open", open: true });
    source.onerror = () => {
      this.say({ kind: "open", open: false });
      // The browser reconnects by itself after a lost connection, but not after an answer that is no stream.
      if (source.readyState === EventSource.CLOSED && source === this.#source) {
        this.#pending = setTimeout(() => this.#open(), 3000);
      }
    };
    source.onmessage = (event) => this.say({ kind: "hint", hint: JSON.parse(event.data) as Hint });
  }
}
