/** Rows of comma-separated values, with quotes as RFC 4180 has them. */
export function csvRows(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let field = "";
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const sign = text[i]!;
    if (quoted) {
      if (sign !== '"') field += sign;
      else if (text[i + 1] === '"') {
        field += sign;
        i++;
      } else quoted = false;
    } else if (sign === '"' && field === "") quoted = true;
    else if (sign === ",") {
      row.push(field);
      field = "";
    } else if (sign === "\n") {
      rows.push([...row, field.replace(/\r$/, "")]);
      row = [];
      field = "";
    } else field += sign;
  }
  if (field !== "" || row.length > 0) rows.push([...row, field]);
  return rows;
}
