/** A cell: its text, and the same text with colours. Widths are counted on `text`. */
export interface Cell {
  readonly text: string;
  readonly shown: string;
}

const GAP = "  ";

/** A cell without colour. */
export function cell(text: string): Cell {
  return { text, shown: text };
}

/**
 * Lines of aligned columns, two blanks apart; the last cell of a row is not padded, so no line ends in
 * blanks. Rows may differ in length. Widths count code points, which is right for everything we print but
 * wide scripts in chat names: those come last in a row.
 */
export function tableLines(rows: readonly (readonly Cell[])[], indent = ""): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach(({ text }, column) => {
      widths[column] = Math.max(widths[column] ?? 0, width(text));
    });
  }
  return rows.map((row) => {
    const cells = row.map(({ text, shown }, column) => {
      const isLast = column === row.length - 1;
      return isLast ? shown : shown + " ".repeat((widths[column] ?? 0) - width(text));
    });
    return `${indent}${cells.join(GAP)}`.trimEnd();
  });
}

function width(text: string): number {
  return [...text].length;
}
