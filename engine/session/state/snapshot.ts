/** Generations of state on disk: `snapshot-<n>` is everything at one moment, `journal-<n>` what happened since. */
import { concat } from '#engine/base/bytes.ts'
import type { Files } from '#engine/io/files.ts'
import { frameRecord, readRecords, type Reading } from './framing.ts'
import { applyRecord, type StateModel } from './model.ts'
import { encodeRecord, parseRecord } from './records.ts'

/** More than 10,000 torrents with a million pieces each. */
const MAX_STATE_BYTES = 1024 * 1024 * 1024

export const snapshotPath = (folder: string, generation: number) => `${folder}/snapshot-${generation}`
export const journalPath = (folder: string, generation: number) => `${folder}/journal-${generation}`

/** Numbers of the generations that have any file, ascending. */
export async function generationsIn(files: Files, folder: string): Promise<number[]> {
  const found = new Set<number>()
  for (const name of await files.list(folder)) {
    const match = /^(?:snapshot|journal)-(\d{1,12})$/.exec(name)
    if (match) found.add(Number(match[1]))
  }
  return [...found].sort((a, b) => a - b)
}

export async function readState(files: Files, path: string): Promise<Uint8Array | undefined> {
  return (await files.stat(path)) ? files.read(path, MAX_STATE_BYTES) : undefined
}

export async function writeSnapshot(
  files: Files,
  folder: string,
  generation: number,
  model: StateModel,
): Promise<void> {
  const parts = [frameRecord(encodeRecord({ kind: 'snapshot', torrents: model.size }))]
  for (const torrent of model.values()) parts.push(frameRecord(encodeRecord({ kind: 'torrent', torrent })))
  await files.writeAtomic(snapshotPath(folder, generation), concat(parts))
}

export interface Replay {
  readonly reading: Reading
  /** Good records of a kind or version that this program does not know. */
  readonly unknown: number
  /** Torrents that the snapshot promised and that could not be read. */
  readonly missing: number
}

/** Applies every good record of `bytes` to the model. */
export function replay(model: StateModel, bytes: Uint8Array): Replay {
  const reading = readRecords(bytes)
  let unknown = 0
  let promised = 0
  let found = 0
  for (const raw of reading.records) {
    const record = parseRecord(raw)
    if (!record) {
      unknown++
      continue
    }
    if (record.kind === 'snapshot') promised = record.torrents
    if (record.kind === 'torrent') found++
    applyRecord(model, record)
  }
  return { reading, unknown, missing: Math.max(0, promised - found) }
}

/** A snapshot is whole when it opens as one, holds what it promises and nothing in it is damaged or strange. */
export function isWholeSnapshot(bytes: Uint8Array, { reading, unknown, missing }: Replay): boolean {
  const first = reading.records[0]
  return (
    first !== undefined &&
    parseRecord(first)?.kind === 'snapshot' &&
    missing === 0 &&
    unknown === 0 &&
    reading.damaged.length === 0 &&
    reading.end === bytes.length
  )
}
