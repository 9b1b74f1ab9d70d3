import assert from "node:assert/strict";
import { test } from "node:test";
import { csvRows } from "./csv";
import { spread } from "./end-labels";
import { clock, duration, metric, offset, tick } from "./format";
import { LogModel, progress, visible } from "./log-model";
import { notation } from "./notation";
import { align, merge, parse, smooth, valueAt, within } from "./series-data";

test("durations and clocks read as people say them", () => {
  assert.deepEqual([0.42, 8.6, 42.4, 59.97, 134, 3725].map(duration), ["0.4 s", "8.6 s", "42 s", "0:59", "2:14", "1:02:05"]);
  assert.equal(clock(134.9), "2:14");
  assert.equal(offset(14_210_000), "0:14.21");
});

test("metrics keep four decimals near one and say what is no number", () => {
  assert.deepEqual([0.7126, -0.25, 12.3456, 40, Number.NaN, -Infinity].map(metric), ["0.7126", "−0.2500", "12.35", "40", "NaN", "−∞"]);
});

test("end labels keep their order and their distance within the band", () => {
  const labels = spread([50, 10, 52, 54, 100].map((at) => ({ text: "", colour: "", at, y: at })), 13, 0, 100);
  const ys = labels.map(({ y }) => y);
  ys.slice(1).forEach((y, i) => assert.ok(y - ys[i]! >= 13));
  assert.ok(ys[0]! >= 0 && ys.at(-1)! <= 100);
});

test("series are laid on one sorted axis, with gaps where one has no point", () => {
  assert.deepEqual(align([{ x: [1, 3], y: [0.1, Number.NaN] }, { x: [2, 3], y: [5, 6] }]), [
    [1, 2, 3],
    [0.1, undefined, null],
    [undefined, 5, 6],
  ]);
});

test("the binary form of series is read in place", () => {
  const head = JSON.stringify({ series: [{ job: 4, run: "r", name: "loss", count: 2, points: 2 }], cursor: "c" });
  const padded = head.padEnd(Math.ceil(head.length / 8) * 8);
  const bytes = new Uint8Array(16 + padded.length + 48);
  bytes.set(new TextEncoder().encode("ALIDSER1"));
  new DataView(bytes.buffer).setUint32(8, padded.length, true);
  bytes.set(new TextEncoder().encode(padded), 16);
  new Float64Array(bytes.buffer, 16 + padded.length).set([1, 2, 10, 20, 0.5, Number.NaN]);
  const { series, cursor } = parse(bytes.buffer);
  assert.equal(cursor, "c");
  assert.deepEqual([...series[0]!.steps, ...series[0]!.times, ...series[0]!.values], [1, 2, 10, 20, 0.5, Number.NaN]);
});

test("new points find their places among old ones, each once", () => {
  const old = { steps: [1, 3, 3], times: [1, 3, 3], values: [1, 3, Number.NaN] };
  const fresh = { steps: [3, 2, 3, 4], times: [3, 2, 3, 4], values: [Number.NaN, 2, 3.5, 4] };
  assert.deepEqual(merge(old, fresh), { steps: [1, 2, 3, 3, 3, 4], times: [1, 2, 3, 3, 3, 4], values: [1, 2, 3, Number.NaN, 3.5, 4] });
});

test("a closer look stands between the points beside it", () => {
  const whole = { steps: [1, 5, 9], times: [1, 5, 9], values: [1, 5, 9] };
  assert.deepEqual(within(whole, { steps: [4, 5, 6], times: [4, 5, 6], values: [4, 5, 6] }).steps, [1, 4, 5, 6, 9]);
  assert.equal(within(whole, { steps: [], times: [], values: [] }), whole);
});

test("axes name small and great places shortly", () => {
  assert.deepEqual([0, 0.5, 1000, 0.001, 2.5e-4, -3e6, null].map(tick), ["0", "0.5", "1,000", "1e−3", "2.5e−4", "−3e6", ""]);
});

test("what a worker measures is written with its unit", () => {
  assert.equal(notation("system/memory").value(12_482_765), "11.90 MiB");
  assert.equal(notation("system/network/sent").value(2048), "2.00 KiB/s");
  assert.equal(notation("system/disk/read").value(1000), "1000 B/s");
  assert.equal(notation("system/cpu").value(101.46), "101.5 %");
  assert.deepEqual(notation("system/gpu0").ticks([0, 50, null]), ["0 %", "50 %", ""]);
  assert.deepEqual(notation("system/memory_used").ticks([1, 2 ** 20]), ["1", "1.05e6"]);
});

test("the marks of an axis of bytes differ however flat the line is", () => {
  const { ticks } = notation("system/gpu0/memory");
  assert.deepEqual(ticks([0, 2 ** 25, 2 ** 26]), ["0", "32 MiB", "64 MiB"]);
  assert.deepEqual(ticks([2 ** 19, 2 ** 20, 1.5 * 2 ** 20]), ["0.5 MiB", "1.0 MiB", "1.5 MiB"]);
  assert.deepEqual(ticks([296, 297, 298].map((mark) => mark * 2 ** 23)), ["2.313 GiB", "2.320 GiB", "2.328 GiB"]);
  assert.deepEqual(ticks([2 ** 31, 2 ** 31 + 2 ** 15]), ["2048.00 MiB", "2048.03 MiB"]);
  assert.deepEqual(ticks([0, 500, 1000]), ["0", "500 B", "1000 B"]);
  assert.deepEqual(ticks([2 ** 18, 2 ** 20, 2 ** 22, null]), ["256 KiB", "1 MiB", "4 MiB", ""]);
  assert.deepEqual(ticks([]), []);
});

test("smoothing starts at the first value and leaves what is no number", () => {
  assert.deepEqual(smooth([4, Number.NaN, 4], 0.9).map((value) => Math.round(value)), [4, Number.NaN, 4]);
  assert.ok(smooth([0, 1], 0.5)[1]! < 1);
  assert.equal(valueAt([1, undefined, null, 5], 2), 1);
});

test("csv has quoted commas, quotes and line ends", () => {
  assert.deepEqual(csvRows('a,b\r\n"x, y","say ""hi""\nthere"\r\n'), [
    ["a", "b"],
    ["x, y", 'say "hi"\nthere'],
  ]);
});

function lines(from: number, to: number, step: string, text = "text") {
  return Array.from({ length: to - from + 1 }, (_, i) => ({ n: from + i, t: i, s: "stdout", step, m: text }));
}

test("a log finds any line's place among its sections, folded or wrapped", () => {
  const model = new LogModel();
  model.append(lines(1, 1000, "load"));
  model.append(lines(1001, 100_000, "train"));
  model.append(lines(90_000, 100_000, "train"));
  assert.equal(model.size, 100_000);
  assert.equal(model.height, 2 * 28 + 100_000 * 20);
  assert.equal(model.find(1001)!.top, 28 + 1000 * 20 + 28);
  model.sections[0]!.open = false;
  assert.equal(model.find(1001)!.top, 28 + 28);
  model.columns = 2;
  model.rebuild();
  assert.equal(model.sections[0]!.open, false);
  const section = model.sections[1]!;
  assert.equal(model.topOf(section, 3), 28 + 3 * 2 * 20);
  assert.equal(model.indexAt(section, 28 + 3 * 40 + 10), 3);
});

test("a progress bar is one line, whatever it wrote", () => {
  const model = new LogModel();
  model.append([10, 20, 62].map((percent, i) => ({ n: i + 1, t: i, s: "stderr", m: `epoch ${percent}%|##  | 5/8 [00:01<00:02]` })));
  assert.equal(model.size, 1);
  assert.equal(model.lines[0]!.updates, 3);
  assert.deepEqual(progress(model.lines[0]!.m), { percent: 62, before: "epoch ", after: " 5/8 [00:01<00:02]" });
  assert.equal(visible("10%\r20%\r"), "20%");
});
