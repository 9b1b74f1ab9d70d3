/** The status shapes of Pages/Parts/Glyph.razor, for what islands draw. */
const shapes: Record<string, string> = {
  waiting: '<circle cx="7" cy="7" r="5.25" stroke-dasharray="2.2 1.5"/>',
  queued: '<circle cx="7" cy="7" r="5.25" stroke-dasharray="2.2 1.5"/>',
  running:
    '<circle class="faint" cx="7" cy="7" r="5.25"/><path class="arc" d="M7 1.75a5.25 5.25 0 0 1 4.2 8.4"/><circle class="dot" cx="7" cy="7" r="1.75"/>',
  finished: '<path d="M2.5 7.5l3 3 6-6.5"/>',
  failed: '<path d="M3 3l8 8M11 3l-8 8"/>',
  cancelled: '<circle cx="7" cy="7" r="5.25"/><path d="M3.3 10.7l7.4-7.4"/>',
};

export function glyph(state: string): string {
  const shape = shapes[state] ?? shapes.waiting;
  return `<svg class="glyph glyph-${state in shapes ? state : "queued"}" viewBox="0 0 14 14" aria-hidden="true">${shape}</svg>`;
}
