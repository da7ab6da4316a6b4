import { useCallback, useMemo, useState } from 'react'
import type { TorrentId } from '#engine/api/ids.ts'
import type { FilePriority } from '#engine/api/model.ts'
import { bytesQuantity, formatCount, formatPercent } from '#renderer/lib/format.ts'
import { partOf } from '#renderer/lib/part-of.ts'
import { plural } from '#renderer/lib/plural.ts'
import { Button } from '#renderer/ui/button.tsx'
import { SearchField } from '#renderer/ui/field.tsx'
import { PercentBar } from '#renderer/ui/percent-bar.tsx'
import { QuantityText } from '#renderer/ui/quantity-text.tsx'
import type { TreeColumn } from '#renderer/ui/tree.tsx'
import { FindingFiles } from '../trackers/finding-files.tsx'
import { useAppDispatch, useAppSelector, useEngine } from '../services.ts'
import { toastShown } from '../toasts/toasts-slice.ts'
import { failureText } from '../use-attempt.ts'
import { FileTreeView } from './file-tree-view.tsx'
import { buildFileTree, fileMatcher, sumFiles, type FileSums } from './file-tree.ts'
import { priorityChosen, priorityRefused, selectFiles, type TorrentFiles } from './files-slice.ts'
import styles from './files.module.css'

export function FilesTab({ id }: { id: TorrentId }) {
  const files = useAppSelector(state => selectFiles(state, id))
  const hasMetadata = useAppSelector(state => state.torrents.entities[id]?.hasMetadata ?? true)
  if (!hasMetadata) return <FindingFiles id={id} />
  if (!files) return <p className={styles.note}>Reading the file list…</p>
  return <Files key={id} id={id} files={files} />
}

function Files({ id, files }: { id: TorrentId; files: TorrentFiles }) {
  const [filter, setFilter] = useState('')
  const choose = useChoosePriority(id)
  const { list, done, priorities, pending } = files
  const tree = useMemo(() => buildFileTree(list), [list])
  // What was chosen here counts at once; the frame that confirms it changes nothing any more.
  const chosen = useMemo(() => {
    if (pending.size === 0) return priorities
    return priorities.map((priority, position) => pending.get(list[position]!.index) ?? priority)
  }, [priorities, pending, list])
  const sums = useMemo(() => sumFiles(tree, list, chosen, done), [tree, list, chosen, done])
  const matches = useMemo(() => fileMatcher(list, filter), [list, filter])
  const matching = useMemo(
    () => list.flatMap((file, position) => (matches && !matches(position) ? [] : [position])),
    [list, matches],
  )
  const setPositions = useCallback(
    (positions: readonly number[], priority: FilePriority) =>
      choose(
        positions.flatMap(position => (chosen[position] === priority ? [] : [list[position]!.index])),
        priority,
      ),
    [choose, chosen, list],
  )
  const tickPositions = (positions: readonly number[], ticked: boolean) =>
    setPositions(
      positions.filter(position => (chosen[position] === 0) === ticked),
      ticked ? 2 : 0,
    )
  const invert = () => {
    const [skipped, wanted] = [true, false].map(isSkipped => matching.filter(at => (chosen[at] === 0) === isSkipped))
    setPositions(skipped ?? [], 2)
    setPositions(wanted ?? [], 0)
  }
  const columns = useMemo(() => [progressColumn(sums), leftColumn(sums)], [sums])
  const root = totals(sums, tree.count, tree.parent)
  return (
    <>
      <div className={styles.bar}>
        <SearchField
          label="Filter files"
          placeholder="Filter files, *.tsv"
          size="small"
          className={styles.filter}
          value={filter}
          onValue={setFilter}
        />
        <span className={styles.summary}>
          Wanted {partOf(root.wanted, root.size)}, {formatCount(root.wantedFiles)} of{' '}
          {plural(root.files, 'file', 'files')}
          {matches && `; ${formatCount(matching.length)} shown`}
        </span>
        <span className={styles.picks}>
          <Button look="link" onClick={() => tickPositions(matching, true)}>
            All
          </Button>
          <Button look="link" onClick={() => tickPositions(matching, false)}>
            None
          </Button>
          <Button look="link" onClick={invert}>
            Invert
          </Button>
        </span>
      </div>
      <FileTreeView
        label="Files"
        tree={tree}
        files={list}
        sums={sums}
        matches={matches}
        isPending={position => pending.has(list[position]!.index)}
        onPriority={setPositions}
        onTick={tickPositions}
        columns={columns}
        order={['size', 'progress', 'priority', 'left']}
        template="minmax(0, 1fr) 84px 132px 92px 84px"
        narrowTemplate="minmax(0, 1fr) 108px 72px"
        hasNarrowPriority
        rowHeight={28}
      />
    </>
  )
}

const progressColumn = (sums: FileSums): TreeColumn => ({
  name: 'progress',
  title: 'Progress',
  className: styles.progress,
  cell: node => {
    if (sums.wantedFiles[node] === 0) return null
    const part = sums.wanted[node] === 0 ? 1 : sums.wantedDone[node]! / sums.wanted[node]!
    return <PercentBar value={part} words={formatPercent(part)} pattern={part >= 1 ? 'seeding' : 'downloading'} />
  },
})

const leftColumn = (sums: FileSums): TreeColumn => ({
  name: 'left',
  isWide: true,
  title: 'Left',
  align: 'end',
  cell: node => {
    const left = sums.wanted[node]! - sums.wantedDone[node]!
    return left > 0 ? <QuantityText of={bytesQuantity(left)} isSize /> : null
  },
})

function totals(sums: FileSums, count: number, parent: Int32Array) {
  const total = { size: 0, wanted: 0, files: 0, wantedFiles: 0 }
  for (let node = 0; node < count; node++) {
    if (parent[node] !== -1) continue
    total.size += sums.size[node]!
    total.wanted += sums.wanted[node]!
    total.files += sums.files[node]!
    total.wantedFiles += sums.wantedFiles[node]!
  }
  return total
}

function useChoosePriority(id: TorrentId) {
  const engine = useEngine()
  const dispatch = useAppDispatch()
  return useCallback(
    (files: readonly number[], priority: FilePriority) => {
      if (files.length === 0) return
      const choice = { id, files, priority }
      dispatch(priorityChosen(choice))
      engine.call('torrent.setFilePriorities', choice).catch((error: unknown) => {
        dispatch(priorityRefused(choice))
        dispatch(toastShown(failureText(error), 'error'))
      })
    },
    [engine, dispatch, id],
  )
}
