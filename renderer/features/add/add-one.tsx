import { TriangleAlert } from 'lucide-react'
import { useMemo, useRef, useState } from 'react'
import type { FolderInfo, TorrentPreview } from '#engine/api/commands.ts'
import type { FilePriority } from '#engine/api/model.ts'
import { formatBytes, formatCount } from '#renderer/lib/format.ts'
import { partOf } from '#renderer/lib/part-of.ts'
import { plural } from '#renderer/lib/plural.ts'
import { Button } from '#renderer/ui/button.tsx'
import { SearchField } from '#renderer/ui/field.tsx'
import { Icon } from '#renderer/ui/icon.tsx'
import { Sheet } from '#renderer/ui/sheet.tsx'
import { FileTreeView } from '../files/file-tree-view.tsx'
import { buildFileTree, fileMatcher, sumFiles } from '../files/file-tree.ts'
import { useFolderInfo } from '../folders/use-folder-info.ts'
import { useAppDispatch, useAppSelector, useEngine } from '../services.ts'
import { torrentsAdded } from '../toasts/toasts-slice.ts'
import { AlreadyHere } from './already-here.tsx'
import {
  addRefusal,
  factsOf,
  originOf,
  prioritiesOf,
  roomOf,
  wantedOf,
  type Inspection,
  type Wanted,
} from './add-plan.ts'
import { sourceOf, type AddRequest } from './add-requests.ts'
import { SaveForm } from './save-form.tsx'
import styles from './add.module.css'
import { addFailureText } from './use-inspections.ts'

interface AddOneProps {
  readonly request: AddRequest
  readonly inspection: Inspection
  readonly onClose: () => void
}

/** The add sheet for one torrent. */
export function AddOne({ request, inspection, onClose }: AddOneProps) {
  if (inspection.kind === 'reading') return <Reading name={request.name} onClose={onClose} />
  if (inspection.kind === 'failed') {
    return <CannotAdd name={request.name} message={inspection.message} onClose={onClose} />
  }
  const { preview } = inspection
  if (preview.refusal !== null) return <CannotAdd name={preview.name} message={preview.refusal} onClose={onClose} />
  if (preview.duplicate) return <AlreadyHere request={request} preview={preview} onClose={onClose} />
  return <Choose request={request} preview={preview} onClose={onClose} />
}

const Reading = ({ name, onClose }: { name: string; onClose: () => void }) => (
  <Sheet
    title={name}
    facts="Reading it…"
    width="small"
    onClose={onClose}
    actions={<Button onClick={onClose}>Cancel</Button>}
  />
)

function CannotAdd({ name, message, onClose }: { name: string; message: string; onClose: () => void }) {
  const close = useRef<HTMLButtonElement>(null)
  return (
    <Sheet
      title={`Cannot add ${name}`}
      width="small"
      role="alertdialog"
      onClose={onClose}
      initialFocus={close}
      footnote="Nothing was changed."
      actions={
        <Button ref={close} onClick={onClose}>
          Close
        </Button>
      }
    >
      <p className={styles.failure}>
        <Icon of={TriangleAlert} />
        <span>{message}</span>
      </p>
    </Sheet>
  )
}

interface ChooseProps {
  readonly request: AddRequest
  readonly preview: TorrentPreview
  readonly onClose: () => void
}

function Choose({ request, preview, onClose }: ChooseProps) {
  const settings = useAppSelector(state => state.settings)
  const engine = useEngine()
  const dispatch = useAppDispatch()
  const verb = useRef<HTMLButtonElement>(null)
  const [priorities, setPriorities] = useState<readonly FilePriority[]>(() => preview.files.map(() => 2))
  const [saveTo, setSaveTo] = useState(settings?.downloadFolder ?? '')
  const [start, setStart] = useState(settings?.startAdded ?? true)
  const [failure, setFailure] = useState<string>()
  const [isAdding, setAdding] = useState(false)
  const folder = useFolderInfo(saveTo.trim())
  const wanted = useMemo(() => wantedOf(preview, priorities), [preview, priorities])
  const refusal = addRefusal(preview, wanted, saveTo, folder)
  const source = sourceOf(request.id)
  const add = async () => {
    if (refusal !== undefined || isAdding || !source) return
    setAdding(true)
    try {
      await engine.call('torrents.add', {
        source,
        savePath: saveTo.trim(),
        start,
        priorities: prioritiesOf(preview, priorities),
      })
      dispatch(torrentsAdded(1, preview.name))
      onClose()
    } catch (error) {
      setFailure(addFailureText(error))
      setAdding(false)
    }
  }
  return (
    <Sheet
      title={preview.name}
      facts={<span title={factsOf(preview)}>{factsOf(preview)}</span>}
      onClose={onClose}
      initialFocus={verb}
      keepOnPressOutside
      footnote={
        failure === undefined ? (
          <span title={originOf(request.name, source)}>{originOf(request.name, source)}</span>
        ) : (
          <span role="alert" className={styles.bad}>
            {failure}
          </span>
        )
      }
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button ref={verb} look="primary" unavailable={isAdding ? 'Adding it…' : refusal} onClick={() => void add()}>
            {preview.hasMetadata ? `Add ${formatBytes(wanted.bytes)}` : 'Add and find its files'}
          </Button>
        </>
      }
    >
      {preview.warnings.length > 0 && <Warnings of={preview.warnings} />}
      {preview.hasMetadata ? (
        <FileChoice preview={preview} priorities={priorities} onPriorities={setPriorities} />
      ) : (
        <Hunt preview={preview} />
      )}
      <SaveForm
        saveTo={saveTo}
        onSaveTo={setSaveTo}
        folder={folder}
        bytes={wanted.bytes}
        ticked={<Ticked preview={preview} wanted={wanted} folder={folder} />}
        start={start}
        onStart={setStart}
        onSubmit={() => void add()}
      />
    </Sheet>
  )
}

function Warnings({ of }: { of: readonly string[] }) {
  return (
    <ul className={styles.warnings}>
      {of.slice(0, 3).map(warning => (
        <li key={warning}>{warning}</li>
      ))}
      {of.length > 3 && <li>{plural(of.length - 3, 'more remark', 'more remarks')}</li>}
    </ul>
  )
}

/** Figures that follow every tick. */
function Ticked({
  preview,
  wanted,
  folder,
}: {
  preview: TorrentPreview
  wanted: Wanted
  folder: FolderInfo | undefined
}) {
  const room = roomOf(folder, wanted.bytes)
  return (
    <div className={styles.ticked}>
      {preview.hasMetadata && (
        <strong>
          {partOf(wanted.bytes, preview.totalSize)} ticked, {formatCount(wanted.files)} of{' '}
          {plural(preview.files.length, 'file', 'files')}
        </strong>
      )}
      <span className={room.isShort ? styles.bad : styles.room}>{room.words}</span>
    </div>
  )
}

const LIST = new Intl.ListFormat('en-GB', { type: 'conjunction' })

/** A magnet has no file list yet: says what it waits for, and that nobody has to. */
function Hunt({ preview }: { preview: TorrentPreview }) {
  const settings = useAppSelector(state => state.settings)
  const trackers = preview.trackers.flat().length
  const asked = [
    ...(trackers > 0 ? [plural(trackers, 'tracker', 'trackers')] : []),
    ...(settings?.dht ? ['the DHT'] : []),
    ...(settings?.lsd ? ['your local network'] : []),
  ]
  return (
    <div className={styles.hunt}>
      <p>The file list comes from other peers: from the first that has it.</p>
      <p>
        {asked.length > 0
          ? `Once added, Freshet asks ${LIST.format(asked)} for peers.`
          : 'The link names no tracker, and DHT and local discovery are off: nobody can be asked for peers, only those you add by hand.'}
      </p>
      <p>Add it at once; the files can be chosen in the Files tab as soon as they are known.</p>
    </div>
  )
}

interface FileChoiceProps {
  readonly preview: TorrentPreview
  readonly priorities: readonly FilePriority[]
  readonly onPriorities: (priorities: readonly FilePriority[]) => void
}

function FileChoice({ preview, priorities, onPriorities }: FileChoiceProps) {
  const { files } = preview
  const [filter, setFilter] = useState('')
  const tree = useMemo(() => buildFileTree(files), [files])
  const sums = useMemo(() => sumFiles(tree, files, priorities), [tree, files, priorities])
  const matches = useMemo(() => fileMatcher(files, filter), [files, filter])
  const change = (choose: (priority: FilePriority, position: number) => FilePriority) =>
    onPriorities(priorities.map((priority, at) => (matches && !matches(at) ? priority : choose(priority, at))))
  const set = (positions: readonly number[], priority: (before: FilePriority) => FilePriority) => {
    const chosen = new Set(positions)
    onPriorities(priorities.map((before, at) => (chosen.has(at) ? priority(before) : before)))
  }
  const ticked = (before: FilePriority): FilePriority => (before === 0 ? 2 : before)
  return (
    <>
      <div className={styles.bar}>
        <SearchField
          label="Filter files or pick them by pattern"
          placeholder="Filter or pick by pattern, *.mkv"
          size="small"
          className={styles.filter}
          value={filter}
          onValue={setFilter}
        />
        <span className={styles.picks}>
          <Button look="link" onClick={() => change(ticked)}>
            All
          </Button>
          <Button look="link" onClick={() => change(() => 0)}>
            None
          </Button>
          <Button look="link" onClick={() => change(priority => (priority === 0 ? 2 : 0))}>
            Invert
          </Button>
        </span>
      </div>
      <div className={styles.tree}>
        <FileTreeView
          label="Files to fetch"
          tree={tree}
          files={files}
          sums={sums}
          matches={matches}
          onPriority={(positions, priority) => set(positions, () => priority)}
          onTick={(positions, on) => set(positions, before => (on ? ticked(before) : 0))}
          order={['size', 'priority']}
          template="minmax(0, 1fr) 84px 84px"
          narrowTemplate="minmax(0, 1fr) 80px"
          rowHeight={24}
          hasHead={false}
        />
      </div>
    </>
  )
}
