import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import type { Hint } from "./live-hints";
import type { Line } from "./log-model";
import { LogSource } from "./log-source";

const fetches = globalThis.fetch;
afterEach(() => (globalThis.fetch = fetches));

/** A server with some lines, and what a page hears of it. */
class World {
  readonly asked: string[] = [];
  readonly taken: number[] = [];
  steps = 0;
  lines = 0;
  complete = false;
  status = 200;
  #hint: (hint: Hint) => void = () => {};
  #settled: () => void = () => {};
  readonly source: LogSource;

  constructor(job = "7", run = "") {
    globalThis.fetch = async (address) => this.#answer(String(address));
    this.source = new LogSource(job, run, {
      lines: (lines) => this.taken.push(...lines.map(({ n }) => n)),
      steps: () => this.steps++,
      settled: () => this.#settled(),
    });
  }

  follow(): Promise<void> {
    const settled = this.settled();
    this.source.follow((topic, listener) => {
      this.asked.push(topic);
      this.#hint = listener;
      return () => {};
    });
    return settled;
  }

  settled(): Promise<void> {
    return new Promise((done) => (this.#settled = done));
  }

  hint(hint: Partial<Hint>): void {
    this.#hint({ topic: "", ...hint } as Hint);
  }

  #answer(address: string): Response {
    this.asked.push(address);
    if (address.endsWith("/steps")) return Response.json([]);
    const query = new URLSearchParams(address.split("?")[1]);
    const after = Number(query.get("after"));
    const count = Math.min(Number(query.get("limit")), this.lines - after);
    const lines = Array.from({ length: count }, (_, i): Line => ({ n: after + i + 1, t: 0, s: "stdout", m: "" }));
    return Response.json({ lines, complete: this.complete }, { status: this.status });
  }
}

test("a long log comes page by page, in order, once", async () => {
  const world = new World();
  world.lines = 20_001;
  await world.follow();
  assert.deepEqual(world.taken, Array.from({ length: 20_001 }, (_, i) => i + 1));
  assert.deepEqual(world.asked, [
    "job/7",
    "/api/v1/jobs/7/steps",
    "/api/v1/jobs/7/lines?after=0&limit=10000",
    "/api/v1/jobs/7/lines?after=10000&limit=10000",
    "/api/v1/jobs/7/lines?after=20000&limit=10000",
  ]);
});

test("a hint that arrives while it loads makes it look once more", async () => {
  const world = new World("", "ab");
  world.lines = 1;
  const followed = world.follow();
  world.hint({ log: 3 });
  world.hint({ log: 3 });
  world.lines = 3;
  await followed;
  assert.deepEqual(world.taken, [1, 2, 3]);
  assert.deepEqual(world.asked.slice(0, 1), ["run/ab"]);
  assert.ok(world.asked.length <= 3, world.asked.join("\n"));
});

test("only hints of something new ask the server", async () => {
  const world = new World();
  world.lines = 2;
  await world.follow();
  world.hint({ log: 2, version: 1 });
  const quiet = world.asked.length;
  world.hint({ log: 2, version: 1, state: "running" });
  assert.equal(world.asked.length, quiet);
  const ended = world.settled();
  world.complete = true;
  world.hint({ log: 2, version: 1, state: "finished" });
  await ended;
  assert.ok(world.source.complete);
  const over = world.asked.length;
  world.hint({ log: 2, version: 1, state: "finished" });
  assert.equal(world.asked.length, over);
});

test("a server that fails is said, and asked again at the next line", async () => {
  const world = new World();
  world.lines = 1;
  world.status = 503;
  await world.follow();
  assert.match(world.source.problem, /the server answered 503/);
  world.status = 200;
  const settled = world.settled();
  world.hint({ log: 1 });
  await settled;
  assert.equal(world.source.problem, "");
  assert.deepEqual(world.taken, [1]);
});

test("steps are asked for again when the job has moved", async () => {
  const world = new World();
  await world.follow();
  world.hint({ version: 4 });
  world.hint({ version: 4 });
  world.hint({ version: 5 });
  await new Promise((done) => setTimeout(done));
  assert.equal(world.steps, 3);
});
