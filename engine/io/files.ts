/** Files of our own: state, settings, .torrent copies. Everything that is not piece data. Paths are absolute. */
export interface Files {
  /** @throws EngineError DISK_MISSING when absent, other DISK_* codes */
  read(path: string, maxBytes: number): Promise<Uint8Array>
  /** Temp file, fsync, rename, fsync of the folder: afterwards the old or the new bytes are there, never a mixture. */
  writeAtomic(path: string, bytes: Uint8Array): Promise<void>
  /** Opens for appending, creating it; `size` is where the next byte goes. */
  openAppend(path: string): Promise<AppendFile>
  /** Creates missing parents. */
  makeFolder(path: string): Promise<void>
  /** Names of the entries of a folder; empty when it does not exist. */
  list(path: string): Promise<readonly string[]>
  stat(path: string): Promise<FileStat | undefined>
  rename(from: string, to: string): Promise<void>
  /** Absent already is fine. Files only. */
  remove(path: string): Promise<void>
  /** Free and total bytes of the volume that holds `path` or its nearest existing parent. */
  space(path: string): Promise<{ free: number; total: number }>
  /**
   * An exclusive lock that dies with the process.
   * @throws EngineError STATE_LOCKED (state) when somebody else holds it
   */
  lock(path: string): Promise<Disposable>
}

export interface AppendFile {
  readonly size: number
  append(bytes: Uint8Array): Promise<void>
  datasync(): Promise<void>
  /** Cuts a torn tail. */
  truncate(size: number): Promise<void>
  close(): Promise<void>
}

export interface FileStat {
  readonly kind: 'file' | 'folder' | 'other'
  readonly size: number
  /** Milliseconds since 1970, as fine as the file system keeps it. */
  readonly mtimeMs: number
}
