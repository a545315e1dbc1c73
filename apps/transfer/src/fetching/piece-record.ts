import { constants } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import type { OpenedFolder } from '@allibrary/library';

/** What is known of a piece of a partial file. */
export const PieceState = {
  Missing: 0,
  /** It was written, and may be lost when the power fails. */
  Written: 1,
  /** It is on the disk itself. */
  Safe: 2,
} as const;
export type PieceState = (typeof PieceState)[keyof typeof PieceState];

/** Before the states: what the file is, and the inode of the partial file that it describes. */
const MAGIC = Buffer.from('ALpiece1');
const HEADER_BYTES = MAGIC.length + 8;

/**
 * Which pieces a partial file holds, in a small file beside it, a byte for each. A state is written only after what it
 * says is true, so any mixture of older and newer bytes is true as well: no order and no sync is needed here.
 */
export class PieceRecord {
  private constructor(
    private readonly handle: FileHandle,
    private readonly states: Buffer,
  ) {}

  /**
   * Opens the record; one that is missing or damaged begins empty. In the record of a file with another inode, such as
   * after the disk was replaced by a copy, nothing is safe: what it calls written has to be verified.
   */
  static async open(
    folder: OpenedFolder,
    name: string,
    { partialInode, pieces }: { readonly partialInode: bigint; readonly pieces: number },
  ): Promise<PieceRecord> {
    const { handle } = await folder.file(name, constants.O_RDWR | constants.O_CREAT, 0o600);
    try {
      const header = Buffer.alloc(HEADER_BYTES);
      MAGIC.copy(header);
      header.writeBigUInt64BE(BigInt.asUintN(64, partialInode), MAGIC.length);
      const known = await handle.readFile();
      const isRecord = known.length === HEADER_BYTES + pieces && known.subarray(0, MAGIC.length).equals(MAGIC);
      const isOfThisFile = isRecord && known.subarray(0, HEADER_BYTES).equals(header);
      const states = isRecord ? known.subarray(HEADER_BYTES) : Buffer.alloc(pieces);
      if (!isOfThisFile) {
        for (const [index, state] of states.entries())
          states[index] = state === PieceState.Missing ? PieceState.Missing : PieceState.Written;
        await handle.truncate(0); // never the new header before the old states
        await handle.write(Buffer.concat([header, states]), 0, HEADER_BYTES + pieces, 0);
      }
      return new PieceRecord(handle, states);
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  /** What is known of a piece. */
  state(index: number): PieceState {
    const state = this.states[index];
    return state === PieceState.Safe || state === PieceState.Written ? state : PieceState.Missing;
  }

  /** Notes what is true of some pieces. */
  async set(indices: readonly number[], state: PieceState): Promise<void> {
    for (const index of indices) this.states[index] = state;
    const first = Math.min(...indices);
    const length = indices.length === 0 ? 0 : Math.max(...indices) - first + 1;
    if (length > 0) await this.handle.write(this.states, first, length, HEADER_BYTES + first);
  }

  close(): Promise<void> {
    return this.handle.close();
  }
}
