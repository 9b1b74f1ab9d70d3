import { type Asked, type Hint, HintStream, type Said } from "./live-hints";

type Listener = (hint: Hint) => void;

const listeners = new Map<string, Set<Listener>>();
const watchers = new Set<(open: boolean) => void>();
let ask: ((asked: Asked) => void) | undefined;
let open = false;

function hear(said: Said): void {
  if (said.kind === "hint") {
    for (const listener of listeners.get(said.hint.topic) ?? []) listener(said.hint);
  } else {
    open = said.open;
    for (const watcher of watchers) watcher(open);
  }
}

function connect(): (asked: Asked) => void {
  if (typeof SharedWorker === "undefined") {
    const stream = new HintStream("/api/v1/live", hear);
    return (asked) => {
      if (asked.kind === "topics") stream.watch(asked.topics);
      else if (asked.kind === "bye") stream.watch([]);
    };
  }
  const address = document.querySelector<HTMLLinkElement>("link[data-live-worker]")?.href;
  const worker = new SharedWorker(address ?? "/islands/live-worker.js", { type: "module", name: "alidade-live" });
  worker.port.onmessage = ({ data }: MessageEvent<Said>) => hear(data);
  return (asked) => worker.port.postMessage(asked);
}

function announce(): void {
  ask ??= connect();
  ask({ kind: "topics", topics: [...listeners.keys()] });
}

/** Calls back at every hint about a topic, first with the present one; the answer ends it. */
export function subscribe(topic: string, listener: Listener): () => void {
  let set = listeners.get(topic);
  if (!set) listeners.set(topic, (set = new Set()));
  set.add(listener);
  announce();
  return () => {
    set.delete(listener);
    if (set.size === 0) listeners.delete(topic);
    announce();
  };
}

export function watchConnection(watcher: (open: boolean) => void): () => void {
  watchers.add(watcher);
  watcher(open);
  return () => watchers.delete(watcher);
}

setInterval(() => ask?.({ kind: "alive" }), 30_000);
addEventListener("pagehide", () => ask?.({ kind: "bye" }));
addEventListener("pageshow", (event) => {
  if (event.persisted && ask) announce();
});
