export interface EndLabel {
  text: string;
  colour: string;
  /** Where the line ends, in pixels from the top. */
  at: number;
  /** Where the line ends, in pixels from the left, if that is not where its label stands. */
  from?: number;
  /** Where the label stands after spreading. */
  y: number;
}

/** Pushes labels apart to `gap` pixels within the band, keeping their order and staying as near to their lines as it can. */
export function spread(labels: EndLabel[], gap: number, top: number, bottom: number): EndLabel[] {
  const sorted = [...labels].sort((a, b) => a.at - b.at);
  let floor = top;
  for (const label of sorted) {
    label.y = Math.max(label.at, floor);
    floor = label.y + gap;
  }
  let ceiling = bottom;
  for (const label of sorted.reverse()) {
    label.y = Math.min(label.y, ceiling);
    ceiling = label.y - gap;
  }
  return sorted.reverse();
}
