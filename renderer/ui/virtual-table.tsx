import { useVirtualizer, defaultRangeExtractor, type Range } from '@tanstack/react-virtual'
import { memo, useCallback, useEffect, useRef, type KeyboardEvent, type MouseEvent, type ReactNode } from 'react'
import { classNames } from '#renderer/lib/class-names.ts'
import { useToken } from './use-token.ts'
import styles from './virtual-table.module.css'

export interface TableColumn<Key extends string = string> {
  readonly key: Key
  readonly label: string
  readonly isNumber?: boolean
  readonly className?: string | undefined
  /** More than the label says, on hover. */
  readonly hint?: string
}

/** How a row was pointed at; what that means is the owner's business. */
export type Reach = 'only' | 'toggle' | 'range' | 'move'

export interface VirtualTableProps<Key extends string> {
  readonly label: string
  readonly columns: readonly TableColumn<Key>[]
  readonly ids: readonly string[]
  readonly rowHeight: number
  /** Cells of a row, each with `role="gridcell"`. Stable: a row is drawn again only when its own data change. */
  readonly row: (id: string) => ReactNode
  readonly rowClassName?: string | undefined
  readonly textOf: (id: string) => string
  readonly selected: ReadonlySet<string>
  readonly cursor: string | null
  readonly sort: { readonly key: Key; readonly descending: boolean }
  readonly onSort: (key: Key) => void
  readonly onReach: (id: string, reach: Reach) => void
  readonly onAll: () => void
  readonly onOpen: (id: string) => void
  /** Cards: the header is there for readers alone. */
  readonly hasHead?: boolean
  readonly className?: string | undefined
}

const TYPED_MS = 800

/** An ARIA grid of any length: sticky header, sorting, one tab stop that moves with the keys, type-ahead. */
export function VirtualTable<Key extends string>(props: VirtualTableProps<Key>) {
  const { ids, columns, rowHeight, cursor, selected, sort, hasHead = true } = props
  const scroller = useRef<HTMLDivElement>(null)
  const body = useRef<HTMLDivElement>(null)
  const typed = useRef({ text: '', at: 0 })
  const headHeight = useToken('--h-table-head', 28)
  const headRoom = hasHead ? headHeight : 0
  const cursorPlace = cursor === null ? -1 : ids.indexOf(cursor)

  const virtual = useVirtualizer({
    count: ids.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    getItemKey: place => ids[place] ?? place,
    overscan: 8,
    scrollMargin: headRoom,
    scrollPaddingStart: headRoom,
    // The focused row stays in the document however far away it is scrolled: focus is never lost.
    rangeExtractor: useCallback(
      (range: Range) => {
        const places = defaultRangeExtractor(range)
        if (cursorPlace < 0 || places.includes(cursorPlace)) return places
        return [...places, cursorPlace].sort((a, b) => a - b)
      },
      [cursorPlace],
    ),
  })
  useEffect(() => virtual.measure(), [virtual, rowHeight])

  const hadFocus = useRef(false)
  const focusRow = (place: number) => {
    const id = ids[place]
    if (id === undefined) return
    virtual.scrollToIndex(place)
    hadFocus.current = true
    requestAnimationFrame(() => rowElement(body.current, id)?.focus({ preventScroll: true }))
  }

  // A pane that opens below must not hide the row it is about.
  const height = virtual.scrollRect?.height ?? 0
  useEffect(() => {
    if (cursorPlace >= 0) virtual.scrollToIndex(cursorPlace)
    // oxlint-disable-next-line react/exhaustive-deps -- only when the room changes, not when the cursor or the order does
  }, [height])

  // A focused row that left the list hands the focus to the one in its place.
  const lastPlace = useRef(0)
  useEffect(() => {
    if (cursorPlace >= 0) lastPlace.current = cursorPlace
    const lostFocus = hadFocus.current && document.activeElement === document.body
    if (cursorPlace >= 0 || !lostFocus) return
    const heir = ids[Math.min(lastPlace.current, ids.length - 1)]
    if (heir === undefined) scroller.current?.focus()
    else props.onReach(heir, 'only')
  })
  useEffect(() => {
    if (hadFocus.current && cursor !== null && document.activeElement === document.body)
      rowElement(body.current, cursor)?.focus({ preventScroll: true })
  }, [cursor])

  const reach = (place: number, how: Reach) => {
    const id = ids[Math.max(0, Math.min(ids.length - 1, place))]
    if (id === undefined) return
    props.onReach(id, how)
    focusRow(ids.indexOf(id))
  }

  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>) => {
    const mod = event.ctrlKey || event.metaKey
    if (event.altKey) return
    const inHead = event.target instanceof HTMLElement && event.target.closest('[role=columnheader]') !== null
    if (inHead) return onHeadKeyDown(event, () => focusRow(Math.max(0, cursorPlace)))
    const onControl = event.target instanceof HTMLElement && event.target.closest('button') !== null
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? rowHeight) / rowHeight) - 1)
    const moves: Record<string, number> = {
      ArrowDown: cursorPlace + 1,
      ArrowUp: cursorPlace - 1,
      PageDown: cursorPlace + page,
      PageUp: cursorPlace - page,
      Home: 0,
      End: ids.length - 1,
    }
    const target = moves[event.key]
    if (target !== undefined) {
      event.preventDefault()
      if (event.key === 'ArrowUp' && cursorPlace <= 0 && !event.shiftKey) return focusHead(scroller.current)
      return reach(target, event.shiftKey ? 'range' : mod ? 'move' : 'only')
    }
    if (onControl) return
    if (event.key === 'Enter' && !mod && cursor !== null) {
      event.preventDefault()
      return props.onOpen(cursor)
    }
    const isTyping = event.timeStamp - typed.current.at < TYPED_MS && typed.current.text !== ''
    if (event.key === ' ' && !isTyping && cursor !== null) {
      event.preventDefault()
      return props.onReach(cursor, mod ? 'toggle' : event.shiftKey ? 'range' : 'only')
    }
    if (mod && event.key.toLowerCase() === 'a' && !event.shiftKey) {
      event.preventDefault()
      return props.onAll()
    }
    // '?' asks for help in the whole window.
    if (!mod && event.key.length === 1 && event.key !== '?') typeAhead(event)
  }

  const typeAhead = (event: KeyboardEvent) => {
    const now = event.timeStamp
    const held = now - typed.current.at < TYPED_MS ? typed.current.text : ''
    const letter = event.key.toLowerCase()
    const text = held === letter ? letter : held + letter
    typed.current = { text, at: now }
    event.preventDefault()
    // A longer text may still mean this row; one letter again means the next that begins with it.
    const from = text.length > 1 ? Math.max(0, cursorPlace) : cursorPlace + 1
    for (let step = 0; step < ids.length; step++) {
      const place = (from + step) % ids.length
      if (
        props
          .textOf(ids[place] ?? '')
          .toLowerCase()
          .startsWith(text)
      )
        return reach(place, 'only')
    }
  }

  const { onReach, onOpen, row, rowClassName } = props
  const onRowClick = useCallback(
    (id: string, event: MouseEvent) => {
      hadFocus.current = true
      onReach(id, event.shiftKey ? 'range' : event.ctrlKey || event.metaKey ? 'toggle' : 'only')
    },
    [onReach],
  )
  const tabStop = cursorPlace < 0 ? ids[0] : cursor

  return (
    <div
      ref={scroller}
      role="grid"
      aria-label={props.label}
      aria-multiselectable="true"
      aria-rowcount={ids.length + 1}
      className={classNames(styles.grid, props.className)}
      tabIndex={ids.length === 0 ? 0 : -1}
      onKeyDown={onKeyDown}
    >
      <div role="rowgroup" className={hasHead ? styles.head : styles.unseen}>
        <div role="row" aria-rowindex={1} className={rowClassName}>
          {columns.map(column => (
            <ColumnHead
              key={column.key}
              column={column}
              direction={sort.key !== column.key ? undefined : sort.descending ? 'descending' : 'ascending'}
              onSort={props.onSort}
            />
          ))}
        </div>
      </div>
      <div ref={body} role="rowgroup" className={styles.body} style={{ blockSize: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map(item => {
          const id = ids[item.index] ?? ''
          return (
            <Row
              key={id}
              id={id}
              place={item.index}
              start={item.start - headRoom}
              isSelected={selected.has(id)}
              isTabStop={id === tabStop}
              className={rowClassName}
              row={row}
              onClick={onRowClick}
              onOpen={onOpen}
            />
          )
        })}
      </div>
    </div>
  )
}

interface RowProps {
  readonly id: string
  readonly place: number
  readonly start: number
  readonly isSelected: boolean
  readonly isTabStop: boolean
  readonly className: string | undefined
  readonly row: (id: string) => ReactNode
  readonly onClick: (id: string, event: MouseEvent) => void
  readonly onOpen: (id: string) => void
}

const Row = memo(function Row({ id, place, start, isSelected, isTabStop, className, row, onClick, onOpen }: RowProps) {
  return (
    // oxlint-disable-next-line jsx-a11y/click-events-have-key-events -- the grid above listens to keys for all rows
    <div
      role="row"
      data-id={id}
      aria-rowindex={place + 2}
      aria-selected={isSelected}
      tabIndex={isTabStop ? 0 : -1}
      className={classNames(styles.row, className)}
      style={{ transform: `translateY(${start}px)` }}
      onClick={event => onClick(id, event)}
      onDoubleClick={event => {
        if (!(event.target instanceof HTMLElement && event.target.closest('button'))) onOpen(id)
      }}
      onContextMenu={event => {
        if (!isSelected) onClick(id, event)
      }}
    >
      {row(id)}
    </div>
  )
})

function ColumnHead<Key extends string>({
  column,
  direction,
  onSort,
}: {
  column: TableColumn<Key>
  direction: 'ascending' | 'descending' | undefined
  onSort: (key: Key) => void
}) {
  return (
    <div
      role="columnheader"
      aria-sort={direction ?? 'none'}
      className={classNames(
        styles.cell,
        column.isNumber && styles.number,
        direction && styles.sorted,
        column.className,
      )}
    >
      <button type="button" tabIndex={-1} title={column.hint} onClick={() => onSort(column.key)}>
        {column.label}
        {direction && (
          <svg viewBox="0 0 8 8" aria-hidden="true" className={styles.arrow}>
            <path d={direction === 'ascending' ? 'M4 1.5 7 6.5H1z' : 'M4 6.5 1 1.5h6z'} fill="currentColor" />
          </svg>
        )}
      </button>
    </div>
  )
}

function rowElement(body: HTMLElement | null, id: string): HTMLElement | null {
  return body?.querySelector<HTMLElement>(`[data-id="${CSS.escape(id)}"]`) ?? null
}

function focusHead(grid: HTMLElement | null): void {
  const head =
    grid?.querySelector<HTMLElement>('[aria-sort=ascending] button, [aria-sort=descending] button') ??
    grid?.querySelector<HTMLElement>('[role=columnheader] button')
  head?.focus()
}

/** Left and right walk along the header, down goes back into the list; Enter and Space sort by being a button. */
function onHeadKeyDown(event: KeyboardEvent<HTMLElement>, toRows: () => void): void {
  if (event.key === 'ArrowDown') {
    event.preventDefault()
    return toRows()
  }
  if (event.key !== 'ArrowLeft' && event.key !== 'ArrowRight') return
  event.preventDefault()
  const heads = [...event.currentTarget.querySelectorAll<HTMLElement>('[role=columnheader] button')].filter(
    head => head.offsetParent !== null,
  )
  const here = heads.indexOf(document.activeElement as HTMLElement)
  heads[here + (event.key === 'ArrowRight' ? 1 : -1)]?.focus()
}
