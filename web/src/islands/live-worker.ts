// One stream per browser: every tab's islands share this worker's connection.
import { type Asked, type Hint, HintStream } from "./live-hints";

interface Tab {
  port: MessagePort;
  topics: string[];
  heard: number;
}

const silent = 90_000;
const tabs = new Set<Tab>();
const latest = new Map<string, Hint>();

const stream = new HintStream("/api/v1/live", (said) => {
  if (said.kind === "hint") latest.set(said.hint.topic, said.hint);
  for (const tab of tabs) {
    if (said.kind === "open" || tab.topics.includes(said.hint.topic)) tab.port.postMessage(said);
  }
});

function refresh(): void {
  const topics = new Set([...tabs].flatMap((tab) => tab.topics));
  for (const topic of latest.keys()) if (!topics.has(topic)) latest.delete(topic);
  stream.watch(topics);
}

addEventListener("connect", (event) => {
  const port = (event as MessageEvent).ports[0]!;
  const tab: Tab = { port, topics: [], heard: Date.now() };
  tabs.add(tab);
  port.onmessage = ({ data }: MessageEvent<Asked>) => {
    tab.heard = Date.now();
    if (data.kind === "topics") {
      tab.topics = data.topics;
      for (const topic of data.topics) {
        const hint = latest.get(topic);
        if (hint) port.postMessage({ kind: "hint", hint });
      }
    } else if (data.kind === "bye") {
      tabs.delete(tab);
    }
    refresh();
  };
});

// A tab that crashed cannot say goodbye.
setInterval(() => {
  for (const tab of tabs) if (Date.now() - tab.heard > silent) tabs.delete(tab);
  refresh();
}, 30_000);
