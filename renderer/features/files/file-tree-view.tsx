import { useMemo, useState } from 'react'
import type { FileEntry, FilePriority } from '#engine/api/model.ts'
import { bytesQuantity } from '#renderer/lib/format.ts'
import { Checkbox } from '#renderer/ui/checkbox.tsx'
import { CutName } from '#renderer/ui/cut-name.tsx'
import { Select } from '#renderer/ui/field.tsx'
import { QuantityText } from '#renderer/ui/quantity-text.tsx'
import { Tree, type TreeColumn } from '#renderer/ui/tree.tsx'
import {
  filesUnder,
  initiallyFolded,
  isFolder,
  tickOf,
  visibleNodes,
  type FileSums,
  type FileTree,
} from './file-tree.ts'

const PRIORITIES = [
  { value: '3', title: 'High' },
  { value: '2', title: 'Normal' },
  { value: '1', title: 'Low' },
  { value: '0', title: 'Skip' },
] as const

interface FileTreeViewProps {
  readonly label: string
  readonly tree: FileTree
  readonly files: readonly FileEntry[]
  readonly sums: FileSums
  /** Which files a filter leaves, by position; undefined: all. */
  readonly matches: ((position: number) => boolean) | undefined
  readonly isPending?: (position: number) => boolean
  /** Positions of files. */
  readonly onPriority: (positions: readonly number[], priority: FilePriority) => void
  readonly onTick: (positions: readonly number[], ticked: boolean) => void
  /** Without it a narrow tree shows sizes in its place. */
  readonly hasNarrowPriority?: boolean
  /** Besides `size` and `priority`, which every file tree has. */
  readonly columns?: readonly TreeColumn[]
  readonly order: readonly string[]
  readonly template: string
  readonly narrowTemplate: string
  readonly rowHeight: number
  readonly hasHead?: boolean
}

/** The files of a torrent with boxes and priorities; what is done to a selected row is done to all selected rows. */
export function FileTreeView(props: FileTreeViewProps) {
  const { tree, sums, matches, isPending } = props
  const [folded, setFolded] = useState<ReadonlySet<number>>(() => initiallyFolded(tree))
  const [selected, setSelected] = useState<ReadonlySet<number>>(new Set())
  const nodes = useMemo(() => visibleNodes(tree, folded, matches), [tree, folded, matches])

  const positionsOf = (node: number) => {
    const roots = selected.has(node) ? [...selected] : [node]
    const positions = new Set(roots.flatMap(root => filesUnder(tree, root)))
    return [...positions].filter(position => !matches || matches(position))
  }
  const tick = (node: number) => props.onTick(positionsOf(node), tickOf(sums, node) !== 'all')
  const nodeIsPending = (node: number) => tree.file[node]! >= 0 && (isPending?.(tree.file[node]!) ?? false)

  const own = [
    sizeColumn(sums, props.hasNarrowPriority ?? false),
    priorityColumn(tree, sums, !props.hasNarrowPriority, (node, priority) =>
      props.onPriority(positionsOf(node), priority),
    ),
  ]
  const columns = props.order.flatMap(
    name => [...own, ...(props.columns ?? [])].find(column => column.name === name) ?? [],
  )
  return (
    <Tree
      label={props.label}
      nodes={nodes}
      depthOf={node => tree.depth[node]!}
      isFolder={node => isFolder(tree, node)}
      isOpen={node => matches !== undefined || !folded.has(node)}
      onFold={(node, open) => {
        const next = new Set(folded)
        if (open) next.delete(node)
        else next.add(node)
        setFolded(next)
      }}
      nameOf={node => tree.names[node]!}
      name={nameCell(tree, sums, nodeIsPending, (node, ticked) => props.onTick(positionsOf(node), ticked))}
      nameTitle="Name"
      columns={columns}
      selected={selected}
      onSelect={setSelected}
      onTick={tick}
      onDigit={(node, digit) => {
        if (digit <= 3) props.onPriority(positionsOf(node), digit as FilePriority)
      }}
      isPale={node => sums.wantedFiles[node] === 0}
      rowHeight={props.rowHeight}
      template={props.template}
      narrowTemplate={props.narrowTemplate}
      hasHead={props.hasHead ?? true}
      empty="No file matches the filter."
    />
  )
}

const sizeColumn = (sums: FileSums, isWide: boolean): TreeColumn => ({
  name: 'size',
  isWide,
  title: 'Size',
  align: 'end',
  cell: node => <QuantityText of={bytesQuantity(sums.size[node]!)} isSize />,
})

const priorityColumn = (
  tree: FileTree,
  sums: FileSums,
  isWide: boolean,
  onPriority: (node: number, priority: FilePriority) => void,
): TreeColumn => ({
  name: 'priority',
  isWide,
  title: 'Priority',
  cell: node => (
    <Select
      look="bare"
      label={`Priority of ${tree.names[node]}`}
      tabIndex={-1}
      value={PRIORITIES.find(({ value }) => value === String(sums.priority[node]))?.value}
      placeholder="Mixed"
      choices={PRIORITIES}
      onChoose={value => onPriority(node, Number(value) as FilePriority)}
    />
  ),
})

const nameCell =
  (
    tree: FileTree,
    sums: FileSums,
    isPending: (node: number) => boolean,
    onTick: (node: number, ticked: boolean) => void,
  ) =>
  (node: number) => (
    <>
      <Checkbox
        tick={tickOf(sums, node)}
        label={`Fetch ${tree.names[node]}`}
        tabIndex={-1}
        isPending={isPending(node)}
        onTick={ticked => onTick(node, ticked)}
      />
      <CutName name={tree.names[node]!} />
    </>
  )
