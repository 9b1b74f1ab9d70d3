import { type Asked, type Hint, HintStream, type Said } from "./live-hints";

type Listener = (hint: Hint) => void;

const listeners = new Map<string, Set<Listener>>();
/** Whether the server is reached and, where it no longer is, since when. */
type Watcher = (open: boolean, lost?: Date) => void;

/** A connection that breaks for less than this, as when the server is started anew, is no news. */
const patience = 2000;

const watchers = new Set<Watcher>();
let ask: ((asked: Asked) => void) | undefined;
let open = false;
let lost: Date | undefined;
let losing: ReturnType<typeof setTimeout> | undefined;

function hear(said: Said): void {
  if (said.kind === "hint") {
    for (const listener of listeners.get(said.hint.topic) ?? []) listener(said.hint);
  } else {
    if (said.open) {
      clearTimeout(losing);
      losing = lost = undefined;
    } else if (open) {
      const at = new Date();
      losing = setTimeout(() => {
        lost = at;
        tell();
      }, patience);
    }
    open = said.open;
    tell();
  }
}

function tell(): void {
  document.documentElement.toggleAttribute("data-unreached", lost !== undefined);
  for (const watcher of watchers) watcher(open, lost);
}

/** Since when the server is not reached; undefined while it is. */
export function lostSince(): Date | undefined {
  return lost;
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

export function watchConnection(watcher: Watcher): () => void {
  watchers.add(watcher);
  watcher(open, lost);
  return () => watchers.delete(watcher);
}

setInterval(() => ask?.({ kind: "alive" }), 30_000);
addEventListener("pagehide", () => ask?.({ kind: "bye" }));
addEventListener("pageshow", (event) => {
  if (event.persisted && ask) announce();
});
