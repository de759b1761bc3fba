import type { RowOrder } from './batches.js';
import type { PackedSequences } from './rows.js';

/**
 * Rows `[CLS] text [SEP]` of T tokens cut into `pieces` rows of `sequenceLength` tokens, which begin and end as they do:
 * row r becomes the rows r * pieces, r * pieces + 1, ... What of its text does not fill another piece is left out.
 */
export function cutRows(data: PackedSequences, sequenceLength: number, pieces: number): PackedSequences {
  if (pieces === 1 && sequenceLength === data.sequenceLength) return data;
  const cut = <Values extends Int32Array | Uint8Array>(whole: Values, piece: number): Values => {
    const inner = sequenceLength - 2;
    const start = 1 + piece * inner;
    const values = whole.slice(0, sequenceLength) as Values;
    values.set(whole.subarray(start, start + inner), 1);
    values[sequenceLength - 1] = whole.at(-1) as number;
    return values;
  };
  const { wordStarts } = data;
  return {
    sequenceLength,
    count: data.count * pieces,
    row: (index) => cut(data.row(Math.floor(index / pieces)), index % pieces),
    ...(wordStarts && {
      wordStarts: (index: number) => {
        const starts = cut(wordStarts.call(data, Math.floor(index / pieces)), index % pieces);
        // A word that is cut goes on in a piece of its own.
        starts[1] = 1;
        return starts;
      },
    }),
  };
}

/** The order of rows, in pieces: those of a row follow each other. `firstPiece` is where index `firstIndex` stands. */
export function cutOrder(
  order: RowOrder,
  pieces: number,
  { firstPiece, firstIndex }: { readonly firstPiece: number; readonly firstIndex: number },
): RowOrder {
  return {
    at: (index) => {
      const piece = firstPiece + index - firstIndex;
      const { epoch, row } = order.at(Math.floor(piece / pieces));
      return { epoch, row: row * pieces + (piece % pieces) };
    },
  };
}
