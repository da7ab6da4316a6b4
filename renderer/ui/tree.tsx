import { useVirtualizer } from '@tanstack/react-virtual'
import { ChevronDown, ChevronRight } from 'lucide-react'
import {
  useEffect,
  useRef,
  useState,
  type CSSProperties,
  type KeyboardEvent,
  type MouseEvent,
  type ReactNode,
} from 'react'
import { classNames } from '#renderer/lib/class-names.ts'
import { Icon } from './icon.tsx'
import styles from './tree.module.css'

export interface TreeColumn {
  readonly name: string
  readonly title: ReactNode
  readonly align?: 'end'
  readonly className?: string | undefined
  /** Left out where the tree is narrow. */
  readonly isWide?: boolean
  readonly cell: (node: number) => ReactNode
}

interface TreeProps {
  readonly label: string
  /** Nodes in the order they are drawn; only those in view are in the document. */
  readonly nodes: readonly number[]
  /** 0 at the top. */
  readonly depthOf: (node: number) => number
  readonly isFolder: (node: number) => boolean
  readonly isOpen: (node: number) => boolean
  readonly onFold: (node: number, open: boolean) => void
  readonly nameOf: (node: number) => string
  /** The first cell after the fold mark: box and name. */
  readonly name: (node: number) => ReactNode
  readonly nameTitle: string
  /** Beside the name. */
  readonly columns: readonly TreeColumn[]
  readonly selected: ReadonlySet<number>
  readonly onSelect: (selected: ReadonlySet<number>) => void
  /** Space, and Enter on a file. */
  readonly onTick: (node: number) => void
  /** A digit pressed on a row; without it digits find names like letters do. */
  readonly onDigit?: (node: number, digit: number) => void
  readonly isPale?: (node: number) => boolean
  readonly rowHeight: number
  /** Grid columns of a row; and those of a narrow one, without the wide columns. */
  readonly template: string
  readonly narrowTemplate: string
  readonly hasHead?: boolean
  /** Said when there is nothing to draw. */
  readonly empty: string
}

const TYPED_MS = 800

/** A treegrid of any length: arrows move, ← → fold, Space ticks, Shift and Ctrl extend, letters find. */
export function Tree(props: TreeProps) {
  const { nodes, selected, rowHeight } = props
  const scroller = useRef<HTMLDivElement>(null)
  const [cursor, setCursor] = useState<number>()
  const anchor = useRef<number>(undefined)
  const typed = useRef({ text: '', at: 0 })
  const virtual = useVirtualizer({
    count: nodes.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 8,
  })
  const current = cursor !== undefined && nodes.includes(cursor) ? cursor : nodes[0]
  const hasFocus = () => scroller.current?.contains(document.activeElement) ?? false
  const wantsFocus = useRef(false)

  useEffect(() => {
    if (!wantsFocus.current || current === undefined) return
    const row = scroller.current?.querySelector<HTMLElement>(`[data-node="${current}"]`)
    if (!row) return
    wantsFocus.current = false
    row.focus({ preventScroll: true })
  })

  const moveTo = (index: number, event: KeyboardEvent | MouseEvent) => {
    const place = Math.max(0, Math.min(nodes.length - 1, index))
    const node = nodes[place]
    if (node === undefined) return
    setCursor(node)
    if (event.type === 'keydown' || hasFocus()) wantsFocus.current = true
    virtual.scrollToIndex(place)
    if (event.shiftKey) {
      const from = Math.max(0, nodes.indexOf(anchor.current ?? node))
      props.onSelect(new Set(nodes.slice(Math.min(from, place), Math.max(from, place) + 1)))
    } else if (event.ctrlKey || event.metaKey) {
      if (event.type === 'keydown') return
      anchor.current = node
      const next = new Set(selected)
      if (!next.delete(node)) next.add(node)
      props.onSelect(next)
    } else {
      anchor.current = node
      props.onSelect(new Set([node]))
    }
  }

  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>) => {
    // Keys inside a cell's control are its own.
    if (current === undefined || !(event.target as HTMLElement).dataset.node) return
    const at = nodes.indexOf(current)
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 0) / rowHeight) - 1)
    const steps: Record<string, number> = {
      ArrowDown: at + 1,
      ArrowUp: at - 1,
      PageDown: at + page,
      PageUp: at - page,
      Home: 0,
      End: nodes.length - 1,
    }
    const target = steps[event.key]
    if (target !== undefined) moveTo(target, event)
    else if (event.key === 'ArrowRight' || event.key === 'ArrowLeft') foldBy(event, at, current)
    else if (event.key === ' ') props.onTick(current)
    else if (event.key === 'Enter') {
      if (props.isFolder(current)) props.onFold(current, !props.isOpen(current))
      else props.onTick(current)
    } else if ((event.ctrlKey || event.metaKey) && event.key === 'a') props.onSelect(new Set(nodes))
    else if (props.onDigit && /^\d$/.test(event.key) && event.timeStamp - typed.current.at > TYPED_MS)
      props.onDigit(current, Number(event.key))
    else if (event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey) find(event, at)
    else return
    event.preventDefault()
    event.stopPropagation()
  }

  const foldBy = (event: KeyboardEvent, at: number, node: number) => {
    const isOpening = event.key === 'ArrowRight'
    if (props.isFolder(node) && props.isOpen(node) !== isOpening) return props.onFold(node, isOpening)
    if (isOpening) {
      if (props.isFolder(node)) moveTo(at + 1, event)
      return
    }
    const depth = props.depthOf(node)
    for (let up = at - 1; up >= 0; up--) if (props.depthOf(nodes[up]!) < depth) return moveTo(up, event)
  }

  const find = (event: KeyboardEvent, at: number) => {
    const isNew = event.timeStamp - typed.current.at > TYPED_MS
    const text = (isNew ? '' : typed.current.text) + event.key.toLowerCase()
    typed.current = { text, at: event.timeStamp }
    for (let step = isNew ? 1 : 0; step <= nodes.length; step++) {
      const place = (at + step) % nodes.length
      if (props.nameOf(nodes[place]!).toLowerCase().startsWith(text)) return moveTo(place, event)
    }
  }

  return (
    <div
      role="treegrid"
      aria-label={props.label}
      aria-rowcount={nodes.length + (props.hasHead === false ? 0 : 1)}
      aria-multiselectable="true"
      className={styles.tree}
      style={
        { '--template': props.template, '--narrow': props.narrowTemplate, '--row': `${rowHeight}px` } as CSSProperties
      }
    >
      {props.hasHead !== false && <Head nameTitle={props.nameTitle} columns={props.columns} />}
      {/* The rows are what takes the focus; the scroller only moves them. */}
      <div ref={scroller} role="rowgroup" className={styles.scroller} tabIndex={-1}>
        {nodes.length === 0 && (
          <div role="row">
            <div role="gridcell" className={styles.empty}>
              {props.empty}
            </div>
          </div>
        )}
        <div role="presentation" className={styles.all} style={{ blockSize: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map(item => (
            <Row
              key={nodes[item.index]}
              {...props}
              node={nodes[item.index]!}
              index={item.index}
              start={item.start}
              isCurrent={nodes[item.index] === current}
              onPress={event => moveTo(item.index, event)}
              onKey={onKeyDown}
            />
          ))}
        </div>
      </div>
    </div>
  )
}

const columnClass = ({ align, isWide, className }: TreeColumn) =>
  classNames(align === 'end' && styles.end, isWide && styles.wide, className)

function Head({ nameTitle, columns }: Pick<TreeProps, 'nameTitle' | 'columns'>) {
  return (
    <div role="rowgroup">
      <div role="row" className={styles.head} aria-rowindex={1}>
        <span role="columnheader" className={styles.nameHead}>
          {nameTitle}
        </span>
        {columns.map(column => (
          <span key={column.name} role="columnheader" className={columnClass(column)}>
            {column.title}
          </span>
        ))}
      </div>
    </div>
  )
}

interface RowProps extends TreeProps {
  readonly node: number
  readonly index: number
  readonly start: number
  readonly isCurrent: boolean
  readonly onPress: (event: MouseEvent) => void
  readonly onKey: (event: KeyboardEvent<HTMLDivElement>) => void
}

function Row(props: RowProps) {
  const { node, index, start, isCurrent, columns } = props
  const folder = props.isFolder(node)
  const open = folder && props.isOpen(node)
  const depth = props.depthOf(node)
  const fold = () => props.onFold(node, !open)
  return (
    <div
      role="row"
      data-node={node}
      tabIndex={isCurrent ? 0 : -1}
      aria-rowindex={index + (props.hasHead === false ? 1 : 2)}
      aria-level={depth + 1}
      aria-selected={props.selected.has(node)}
      {...(folder && { 'aria-expanded': open })}
      className={classNames(
        styles.row,
        props.selected.has(node) && styles.selected,
        props.isPale?.(node) && styles.pale,
      )}
      style={{ transform: `translateY(${start}px)` }}
      onMouseDown={event => {
        if ((event.target as HTMLElement).closest('button, input, [role=combobox]') || event.button !== 0) return
        props.onPress(event)
      }}
      onKeyDown={props.onKey}
      onDoubleClick={event => {
        if (folder && !(event.target as HTMLElement).closest('button, input')) fold()
      }}
    >
      <span role="gridcell" className={styles.name} style={{ '--depth': depth } as CSSProperties}>
        {folder ? (
          // The row itself says whether it is open, and folds by keys: the mark is for the pointer.
          <button type="button" tabIndex={-1} aria-hidden="true" className={styles.mark} onClick={fold}>
            <Icon of={open ? ChevronDown : ChevronRight} size="small" />
          </button>
        ) : (
          <span className={styles.mark} />
        )}
        {props.name(node)}
      </span>
      {columns.map(column => (
        <span key={column.name} role="gridcell" className={columnClass(column)}>
          {column.cell(node)}
        </span>
      ))}
    </div>
  )
}
