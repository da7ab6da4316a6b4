import { Link, TextSearch, TriangleAlert, type LucideIcon } from 'lucide-react'
import { useMemo, useRef, useState } from 'react'
import { bytesQuantity, formatBytes, formatCount } from '#renderer/lib/format.ts'
import { plural } from '#renderer/lib/plural.ts'
import { Button } from '#renderer/ui/button.tsx'
import { Checkbox, type Tick } from '#renderer/ui/checkbox.tsx'
import { CutName } from '#renderer/ui/cut-name.tsx'
import { Select } from '#renderer/ui/field.tsx'
import { Icon } from '#renderer/ui/icon.tsx'
import { QuantityText } from '#renderer/ui/quantity-text.tsx'
import { Sheet } from '#renderer/ui/sheet.tsx'
import { FolderField } from '../folders/folder-field.tsx'
import { folderProblem } from '../folders/paths.ts'
import { useFolderInfo } from '../folders/use-folder-info.ts'
import { useAppDispatch, useAppSelector, useEngine } from '../services.ts'
import { torrentsAdded } from '../toasts/toasts-slice.ts'
import {
  batchFacts,
  batchRows,
  roomOf,
  writeProblem,
  type BatchRow,
  type Inspection,
  type RowTone,
} from './add-plan.ts'
import { addSettled, sourceOf, type AddRequest } from './add-requests.ts'
import { STARTS } from './save-form.tsx'
import styles from './add.module.css'
import { addFailureText } from './use-inspections.ts'

interface AddManyProps {
  readonly requests: readonly AddRequest[]
  readonly inspections: ReadonlyMap<string, Inspection>
  readonly onClose: () => void
}

/** One table for all that was given at once; what fails stays, with its reason. */
export function AddMany({ requests, inspections, onClose }: AddManyProps) {
  const settings = useAppSelector(state => state.settings)
  const [saveTo, setSaveTo] = useState(settings?.downloadFolder ?? '')
  const [start, setStart] = useState(settings?.startAdded ?? true)
  const [unticked, setUnticked] = useState<ReadonlySet<string>>(new Set())
  const { add, isAdding, failures } = useBatch()
  const verb = useRef<HTMLButtonElement>(null)
  const folder = useFolderInfo(saveTo.trim())
  const rows = useMemo(() => batchRows(requests, inspections, failures), [requests, inspections, failures])
  const addable = rows.filter(row => row.isAddable)
  const ticked = addable.filter(row => !unticked.has(row.id))
  const bytes = ticked.reduce((sum, row) => sum + (row.tone === 'duplicate' ? 0 : (row.size ?? 0)), 0)
  const room = roomOf(folder, bytes)
  const problem = folderProblem(saveTo) ?? writeProblem(folder)
  const isReading = rows.some(row => row.tone === 'reading')
  const refusal = isAdding
    ? 'Adding them…'
    : (problem ?? (ticked.length > 0 ? undefined : isReading ? 'Reading them…' : 'Tick at least one torrent'))
  const tick = (ids: readonly string[], on: boolean) => {
    const next = new Set(unticked)
    for (const id of ids) {
      if (on) next.delete(id)
      else next.add(id)
    }
    setUnticked(next)
  }
  const isOver = addable.length === 0 && !isReading
  return (
    <Sheet
      title={
        isOver
          ? `Cannot add ${plural(rows.length, 'torrent', 'torrents')}`
          : `Add ${plural(ticked.length, 'torrent', 'torrents')}`
      }
      facts={batchFacts(rows)}
      width="wide"
      onClose={onClose}
      initialFocus={verb}
      keepOnPressOutside
      footnote={
        !isOver && (
          <>
            <strong className={styles.total}>
              {bytes > 0 ? formatBytes(bytes) : plural(ticked.length, 'torrent', 'torrents')} ticked.
            </strong>{' '}
            <span className={room.isShort ? styles.bad : styles.room}>{room.words}</span>
          </>
        )
      }
      actions={
        isOver ? (
          <Button ref={verb} onClick={onClose}>
            Close
          </Button>
        ) : (
          <>
            <Button onClick={onClose}>Cancel</Button>
            <Button
              ref={verb}
              look="primary"
              unavailable={refusal}
              onClick={() =>
                void add(
                  ticked.map(row => row.id),
                  saveTo.trim(),
                  start,
                )
              }
            >
              Add {formatCount(ticked.length)}
            </Button>
          </>
        )
      }
    >
      <BatchTable rows={rows} unticked={unticked} onTick={tick} />
      {!isOver && (
        <div className={styles.forAll}>
          <span className={styles.forAllLabel}>Save to</span>
          <div className={styles.forAllFolder}>
            <FolderField label="Save to" value={saveTo} onValue={setSaveTo} isBad={problem !== undefined} />
          </div>
          <span className={styles.forAllLabel}>Start</span>
          <Select
            label="Start"
            className={styles.start}
            value={start ? 'now' : 'paused'}
            choices={STARTS}
            onChoose={value => setStart(value === 'now')}
          />
        </div>
      )}
    </Sheet>
  )
}

function useBatch() {
  const engine = useEngine()
  const dispatch = useAppDispatch()
  const [isAdding, setAdding] = useState(false)
  const [failures, setFailures] = useState<ReadonlyMap<string, string>>(new Map())
  const add = async (ids: readonly string[], savePath: string, start: boolean) => {
    setAdding(true)
    const failed = new Map<string, string>()
    const added: string[] = []
    // One after the other: the order in which they were given is the order of the queue.
    for (const id of ids) {
      const source = sourceOf(id)
      if (!source) continue
      try {
        await engine.call('torrents.add', { source, savePath, start })
        added.push(id)
      } catch (error) {
        failed.set(id, addFailureText(error))
      }
    }
    setFailures(before => new Map([...before, ...failed]))
    setAdding(false)
    if (added.length > 0) dispatch(torrentsAdded(added.length))
    dispatch(addSettled(added))
  }
  return { add, isAdding, failures }
}

const GLYPHS: Partial<Record<RowTone, LucideIcon>> = { failed: TriangleAlert, duplicate: Link, finding: TextSearch }

interface BatchTableProps {
  readonly rows: readonly BatchRow[]
  readonly unticked: ReadonlySet<string>
  readonly onTick: (ids: readonly string[], ticked: boolean) => void
}

function BatchTable({ rows, unticked, onTick }: BatchTableProps) {
  const addable = rows.filter(row => row.isAddable)
  const count = addable.filter(row => !unticked.has(row.id)).length
  const all: Tick = count === 0 ? 'none' : count === addable.length ? 'all' : 'some'
  return (
    <div className={styles.scroller}>
      <table className={styles.table} aria-label="Torrents to add">
        <thead>
          <tr>
            <th scope="col" className={styles.box}>
              {addable.length > 0 && (
                <Checkbox
                  tick={all}
                  label="All torrents"
                  onTick={on =>
                    onTick(
                      addable.map(row => row.id),
                      on,
                    )
                  }
                />
              )}
            </th>
            <th scope="col">Name</th>
            <th scope="col" className={styles.number}>
              Size
            </th>
            <th scope="col" className={styles.number}>
              Files
            </th>
            <th scope="col" className={styles.status}>
              Status
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map(row => (
            <tr key={row.id} className={row.isAddable ? undefined : styles.pale}>
              <td className={styles.box}>
                {row.isAddable && (
                  <Checkbox
                    tick={unticked.has(row.id) ? 'none' : 'all'}
                    label={`Add ${row.name}`}
                    onTick={on => onTick([row.id], on)}
                  />
                )}
              </td>
              <td>
                <CutName name={row.name} />
              </td>
              <td className={styles.number}>
                {row.size !== undefined && <QuantityText of={bytesQuantity(row.size)} isSize />}
              </td>
              <td className={styles.number}>{row.files !== undefined && formatCount(row.files)}</td>
              <td className={styles.status} title={row.status}>
                <Status row={row} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function Status({ row }: { row: BatchRow }) {
  const glyph = GLYPHS[row.tone]
  return (
    <span className={`${styles.statusWords} ${styles[row.tone]}`}>
      {glyph && <Icon of={glyph} />}
      <span>{row.status}</span>
    </span>
  )
}
