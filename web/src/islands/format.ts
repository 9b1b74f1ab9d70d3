/** How long, as people say it: 0.4 s, 8.6 s, 2:14, 1:02:05. */
export function duration(seconds: number): string {
  if (!Number.isFinite(seconds) || seconds < 0) return "–";
  if (seconds < 59.95) return seconds < 10 ? `${seconds.toFixed(1)} s` : `${Math.round(seconds)} s`;
  return clock(seconds);
}

/** A reading of a running clock: 0:04, 2:14, 1:02:05. */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const two = (n: number) => String(n).padStart(2, "0");
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor((whole % 3600) / 60);
  return hours > 0 ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

/** The time since a start, with hundredths, for log lines: 0:14.21. */
export function offset(microseconds: number): string {
  const hundredths = Math.max(0, Math.floor(microseconds / 10_000));
  return `${clock(hundredths / 100)}.${String(hundredths % 100).padStart(2, "0")}`;
}

/** The hour and minute of a moment on this machine's clock: 09:41. */
export function timeOfDay(at: Date): string {
  return `${String(at.getHours()).padStart(2, "0")}:${String(at.getMinutes()).padStart(2, "0")}`;
}

export function ago(seconds: number): string {
  if (seconds < 5) return "just now";
  if (seconds < 60) return `${Math.floor(seconds)} s ago`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ago`;
  if (seconds < 2 * 86_400) return "yesterday";
  return `${Math.floor(seconds / 86_400)} days ago`;
}

/** Four decimals for what lies near one, fewer digits for the rest; a true minus sign. */
export function metric(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
  const size = Math.abs(value);
  const text =
    Number.isInteger(value) && size < 1e9
      ? value.toLocaleString("en-US")
      : size !== 0 && (size < 1e-3 || size >= 1e6)
        ? value.toExponential(3)
        : size < 10
          ? value.toFixed(4)
          : value.toFixed(2);
  return text.replace("-", "−");
}

/** A place on a vertical axis; a logarithmic one leaves some without a name. */
export function tick(value: number | null): string {
  if (value === null) return "";
  const size = Math.abs(value);
  const text =
    size !== 0 && (size < 1e-2 || size >= 1e6)
      ? value.toExponential(2).replace(/\.?0+e/, "e").replace("e+", "e")
      : Number(value.toPrecision(6)).toLocaleString("en-US", { maximumFractionDigits: 6 });
  return text.replace("-", "−").replace("e-", "e−");
}

export function count(value: number): string {
  return value.toLocaleString("en-US");
}
