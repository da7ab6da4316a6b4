import type { FolderInfo, TorrentPreview, TorrentSource } from '#engine/api/commands.ts'
import type { FileIndex } from '#engine/api/ids.ts'
import type { FilePriority, TorrentKind } from '#engine/api/model.ts'
import { formatBytes, formatCount, formatDate } from '#renderer/lib/format.ts'
import { plural } from '#renderer/lib/plural.ts'
import { folderName, folderProblem } from '../folders/paths.ts'

/** What is known about one thing to add. */
export type Inspection =
  | { readonly kind: 'reading' }
  | { readonly kind: 'ready'; readonly preview: TorrentPreview }
  | { readonly kind: 'failed'; readonly message: string }

const KINDS: Record<TorrentKind, string> = { v1: 'v1', v2: 'v2', hybrid: 'hybrid v1 and v2' }

/** "31.0 GiB · 12 files · hybrid v1 and v2 · created 29 Sep 2026 · “Public domain collection”" */
export function factsOf(preview: TorrentPreview): string {
  const parts = preview.hasMetadata
    ? [formatBytes(preview.totalSize), plural(preview.files.length, 'file', 'files'), KINDS[preview.kind]]
    : ['Magnet link']
  if (preview.private) parts.push('private')
  if (preview.creationDate !== null) {
    const created = formatDate(preview.creationDate * 1000)
    if (created !== '–') parts.push(`created ${created.replace(/, \d\d:\d\d$/, '')}`)
  }
  if (preview.comment !== '') parts.push(`“${preview.comment}”`)
  return parts.join(' · ')
}

export interface Wanted {
  readonly bytes: number
  readonly files: number
}

/** @param priorities by position in the file list; absent ones are normal */
export function wantedOf(preview: TorrentPreview, priorities: readonly FilePriority[] = []): Wanted {
  let bytes = 0
  let files = 0
  for (const [position, file] of preview.files.entries()) {
    if ((priorities[position] ?? 2) === 0) continue
    bytes += file.length
    files++
  }
  return { bytes, files }
}

/** What the engine is told: only what differs from normal. */
export function prioritiesOf(
  preview: TorrentPreview,
  priorities: readonly FilePriority[] = [],
): readonly (readonly [FileIndex, FilePriority])[] {
  return preview.files.flatMap((file, position): (readonly [FileIndex, FilePriority])[] => {
    const priority = priorities[position] ?? 2
    return priority === 2 ? [] : [[file.index, priority]]
  })
}

/** Why "Add" cannot be pressed, or undefined. */
export function addRefusal(
  preview: TorrentPreview,
  wanted: Wanted,
  saveTo: string,
  folder: FolderInfo | undefined,
): string | undefined {
  if (preview.refusal !== null) return preview.refusal
  if (preview.hasMetadata && preview.files.length > 0 && wanted.files === 0) return 'Choose at least one file'
  return folderProblem(saveTo) ?? writeProblem(folder)
}

export const writeProblem = (folder: FolderInfo | undefined) =>
  folder && folder.exists && !folder.writable ? `Nobody may write in ${folderName(folder.path)} from here` : undefined

export interface Room {
  /** "1.80 TiB free now, 1.78 TiB after", or what is missing; '' when nobody can tell. */
  readonly words: string
  readonly isShort: boolean
  /** 0..1 of the drive: what lies there, and what this adds. Undefined when its size is not known. */
  readonly bar: { readonly used: number; readonly added: number } | undefined
}

export function roomOf(folder: FolderInfo | undefined, bytes: number): Room {
  if (!folder || folder.free === null) return { words: '', isShort: false, bar: undefined }
  const { free, total, path } = folder
  const isShort = bytes > free
  const words = isShort
    ? `${formatBytes(bytes - free)} more than the ${formatBytes(free)} that are free`
    : bytes === 0
      ? `${folderName(path)}: ${formatBytes(free)} free`
      : `${folderName(path)}: ${formatBytes(free)} free now, ${formatBytes(free - bytes)} after`
  if (total === null || total <= 0) return { words, isShort, bar: undefined }
  const used = Math.max(0, 1 - free / total)
  return { words, isShort, bar: { used, added: Math.min(1 - used, bytes / total) } }
}

/** Where it came from: "Opened from x.torrent". */
export function originOf(name: string, source: TorrentSource | undefined): string {
  switch (source?.kind) {
    case 'magnet':
      return 'From a magnet link'
    case 'url':
      return `From ${URL.canParse(source.url) ? new URL(source.url).hostname : 'a web address'}`
    default:
      return `Opened from ${name}`
  }
}

export type RowTone = 'plain' | 'reading' | 'finding' | 'duplicate' | 'failed'

/** A line of the table for many. */
export interface BatchRow {
  readonly id: string
  readonly name: string
  readonly size: number | undefined
  readonly files: number | undefined
  readonly status: string
  readonly tone: RowTone
  /** It can be added at all. */
  readonly isAddable: boolean
}

/**
 * One row per item, what cannot be read first. An item that is the same torrent as an earlier one is not added twice.
 * @param failures what the engine said when it was asked to add, by request
 */
export function batchRows(
  requests: readonly { readonly id: string; readonly name: string }[],
  inspections: ReadonlyMap<string, Inspection>,
  failures: ReadonlyMap<string, string>,
): readonly BatchRow[] {
  const seen = new Set<string>()
  const rows = requests.map(({ id, name }): BatchRow => {
    const inspection = inspections.get(id) ?? { kind: 'reading' }
    const blank = { id, name, size: undefined, files: undefined }
    if (inspection.kind === 'reading') return { ...blank, status: 'Reading…', tone: 'reading', isAddable: false }
    if (inspection.kind === 'failed') return { ...blank, status: inspection.message, tone: 'failed', isAddable: false }
    const { preview } = inspection
    const isTwice = seen.has(preview.id)
    seen.add(preview.id)
    return { ...previewRow(preview), id, ...statusOfPreview(preview, isTwice, failures.get(id)) }
  })
  return rows.toSorted((a, b) => Number(b.tone === 'failed') - Number(a.tone === 'failed'))
}

const previewRow = (preview: TorrentPreview) => ({
  name: preview.name,
  size: preview.hasMetadata ? preview.totalSize : undefined,
  files: preview.hasMetadata ? preview.files.length : undefined,
})

function statusOfPreview(
  preview: TorrentPreview,
  isTwice: boolean,
  failure: string | undefined,
): Pick<BatchRow, 'status' | 'tone' | 'isAddable'> {
  if (preview.refusal !== null) return { status: preview.refusal, tone: 'failed', isAddable: false }
  if (isTwice) return { status: 'The same as another one here', tone: 'duplicate', isAddable: false }
  if (failure !== undefined) return { status: failure, tone: 'failed', isAddable: true }
  if (preview.duplicate) return duplicateStatus(preview)
  if (!preview.hasMetadata) return { status: 'Finds its files when added', tone: 'finding', isAddable: true }
  return { status: preview.warnings[0] ?? 'Ready', tone: 'plain', isAddable: true }
}

function duplicateStatus(preview: TorrentPreview): Pick<BatchRow, 'status' | 'tone' | 'isAddable'> {
  const trackers = preview.trackers.flat().length
  if (preview.private || trackers === 0) return { status: 'Already here', tone: 'duplicate', isAddable: false }
  return {
    status: `Already here, adds its ${plural(trackers, 'tracker', 'trackers')}`,
    tone: 'duplicate',
    isAddable: true,
  }
}

/** "21 given: 18 ready, 1 already here, 2 not readable." */
export function batchFacts(rows: readonly BatchRow[]): string {
  const count = (tone: RowTone) => rows.filter(row => row.tone === tone).length
  const parts = []
  const reading = count('reading')
  const ready = count('plain') + count('finding')
  if (reading > 0) parts.push(`${formatCount(reading)} being read`)
  if (ready > 0 || parts.length === 0) parts.push(`${formatCount(ready)} ready`)
  if (count('duplicate') > 0) parts.push(`${formatCount(count('duplicate'))} already here`)
  if (count('failed') > 0) parts.push(`${formatCount(count('failed'))} cannot be added`)
  if (ready === rows.length) return ready === 1 ? 'Ready to be added' : `All ${formatCount(ready)} are ready`
  return `${formatCount(rows.length)} given: ${parts.join(', ')}.`
}
