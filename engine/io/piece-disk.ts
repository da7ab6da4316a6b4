/** `FileSpan.file` of bytes that lie in no file: padding. They are never written, and they are zeros when read. */
export const NO_FILE = -1

/** A run of bytes in one file of a file set. */
export interface FileSpan {
  /** Index in the set, or `NO_FILE`. */
  readonly file: number
  readonly offset: number
  readonly length: number
}

/** Memory for unverified bytes. Yours from `acquire` to `release`; in between, the disk's while a job runs on it. */
export interface Slot {
  readonly id: number
  /** Exactly as long as asked for. Shared memory: no copy is made on the way to the worker. */
  readonly bytes: Uint8Array
}

/** A torrent's files as the disk knows them: indices are those of `paths`. Registering opens and creates nothing. */
export interface FileSet {
  readonly id: number
}

export interface FileSetLayout {
  /** Absolute folder below which everything happens. Never created by accident: see `mayCreateRoot`. */
  readonly root: string
  /** Safe relative paths (`/` between elements) that came through `safe-path`. One per file index. */
  readonly paths: readonly string[]
  /** Bytes; a file is never longer than this. */
  readonly lengths: ArrayLike<number>
  /**
   * Whether `root` itself may be made. False once data was there: a root that is gone is a drive that is away,
   * and an empty folder in its place would look like a torrent at 0 % (`DISK_MISSING`).
   */
  readonly mayCreateRoot: boolean
}

export interface CheckProgress {
  /** Piece index. */
  readonly piece: number
  readonly ok: boolean
}

/** One piece to check: where its bytes lie and the digest that they should have. */
export interface CheckItem {
  readonly piece: number
  readonly spans: readonly FileSpan[]
  /** 20 bytes SHA-1. */
  readonly expected: Uint8Array
}

/**
 * Everything that is piece data: slots, verified writes, reads, checks. Real work happens away from this thread.
 * Failures are EngineErrors with blame 'disk': DISK_FULL, DISK_DENIED, DISK_MISSING, DISK_READ_ONLY, DISK_IO, PATH_UNSAFE.
 */
export interface PieceDisk {
  register(layout: FileSetLayout): FileSet
  /** Closes its open files. Jobs under way are finished first. */
  unregister(set: FileSet): Promise<void>

  /** A slot of `length` bytes, or `undefined` when the budget is spent. Full is an answer, not an error. */
  acquire(length: number): Slot | undefined
  release(slot: Slot): void
  /** Called whenever a slot came back after `acquire` had to answer `undefined`. */
  onRoom(listener: () => void): Disposable

  /**
   * Hashes the first `length` bytes of the slot and, if their SHA-1 is `expected`, writes them to `spans`, which cover
   * them exactly and in order. Both in one hop. Written is not yet durable: `sync` comes before any claim on disk.
   * Missing files and folders are created, sparse; a link in the way is never followed.
   */
  verifyAndWrite(
    set: FileSet,
    slot: Slot,
    length: number,
    expected: Uint8Array,
    spans: readonly FileSpan[],
  ): Promise<'ok' | 'mismatch'>
  /** Writes a run of a large piece before the whole of it can be verified. Nobody may claim it yet. */
  write(set: FileSet, slot: Slot, length: number, spans: readonly FileSpan[]): Promise<void>
  /** Whether what lies on disk in `spans` has the digest `expected`; missing bytes are a mismatch. */
  verify(set: FileSet, expected: Uint8Array, spans: readonly FileSpan[]): Promise<'ok' | 'mismatch'>

  /** Reads `spans` into one new array. @throws EngineError DISK_CHANGED when a file is shorter than that */
  read(set: FileSet, spans: readonly FileSpan[]): Promise<Uint8Array>

  /**
   * Hashes every item on as many threads as the machine has to spare, telling results in any order and batches.
   * A file that is missing makes its pieces `ok: false`; no file is created. @throws EngineError ABORTED
   */
  check(
    set: FileSet,
    items: Iterable<CheckItem>,
    onResult: (results: readonly CheckProgress[]) => void,
    signal: AbortSignal,
  ): Promise<void>

  /** fdatasync of these files, as far as they are open or were written. */
  sync(set: FileSet, files: Iterable<number>): Promise<void>
  /**
   * Size and mtime of each file, in order; `undefined` where there is none, or something that is no plain file.
   * @throws EngineError DISK_MISSING when the root is gone and may not be made
   */
  stamps(set: FileSet): Promise<readonly ({ size: number; mtimeMs: number } | undefined)[]>
  /** Makes a file of length 0 where it is missing (empty files have no piece to create them). */
  touch(set: FileSet, file: number): Promise<void>
  /** Copies `length` bytes between two places of one set: part file to file and back. */
  copy(set: FileSet, from: FileSpan, to: FileSpan): Promise<void>
  /**
   * Deletes exactly these files, then the folders below and including `topFolder` that are empty. What we did not
   * make stays. @param topFolder relative, the torrent's own folder; '' when it has none: then no folder goes
   */
  deleteFiles(
    set: FileSet,
    files: Iterable<number>,
    topFolder: string,
  ): Promise<{ deleted: number; missing: number; kept: readonly string[] }>

  readonly stats: { readonly slotBytes: number; readonly slotBudget: number; readonly queuedJobs: number }
}
