import { createSelector } from '@reduxjs/toolkit'
import type { TorrentId } from '#engine/api/ids.ts'
import type { TorrentRow } from '#engine/api/model.ts'
import type { State } from '#renderer/engine/state.ts'
import { STAT, type StatsState } from '#renderer/engine/stats.ts'
import type { FilterState } from '../filters/filter-slice.ts'
import { parseQuery } from '../search/query.ts'
import { GROUPS, groupOf } from './status.ts'
import type { SortKey, SortState } from './sort-slice.ts'

type Rows = Readonly<Record<TorrentId, TorrentRow>>

/** Which torrents pass the filter, in no order. */
export function filterIds(
  ids: readonly TorrentId[],
  rows: Rows,
  { group, tracker, query }: FilterState,
): readonly TorrentId[] {
  const matches = parseQuery(query)
  if (group === null && tracker === null && !matches) return ids
  return ids.filter(id => {
    const row = rows[id]
    return (
      row !== undefined &&
      (group === null || groupOf(row) === group) &&
      (tracker === null || (row.trackerHost ?? '') === tracker) &&
      (!matches || matches(row))
    )
  })
}

const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' })
const GROUP_ORDER = new Map(GROUPS.map((group, place) => [group, place]))

/** Keys read from the frames' numbers: only these make the order change from second to second. */
const MOVING: ReadonlySet<SortKey> = new Set(['progress', 'down', 'up', 'eta', 'ratio', 'swarm'])

/** NaN: unknown, and last in either direction. */
function sortNumber(key: SortKey, row: TorrentRow, stats: StatsState[string] | undefined): number {
  switch (key) {
    case 'queue':
      return row.queuePosition > 0 ? row.queuePosition : Number.NaN
    case 'size':
      return row.hasMetadata ? row.wantedSize : Number.NaN
    case 'state':
      return GROUP_ORDER.get(groupOf(row)) ?? Number.NaN
    case 'added':
      return row.addedAt
    case 'progress':
      return stats?.[STAT.progress] ?? Number.NaN
    case 'down':
      return stats?.[STAT.down] ?? 0
    case 'up':
      return stats?.[STAT.up] ?? 0
    case 'eta':
      return unknownBelowZero(stats?.[STAT.eta])
    case 'ratio':
      return unknownBelowZero(stats?.[STAT.ratio])
    case 'swarm':
      return stats ? stats[STAT.seeds] + stats[STAT.peers] : 0
    default:
      return 0
  }
}

const unknownBelowZero = (value: number | undefined) => (value === undefined || value < 0 ? Number.NaN : value)

/**
 * Sorts by one column, by name where it is equal. Begins with the order it gave last time: a nearly sorted list costs
 * one comparison a row, which is what keeps ten thousand of them within a frame.
 */
export function createSorter() {
  let last: readonly TorrentId[] = []
  return (
    ids: readonly TorrentId[],
    rows: Rows,
    stats: StatsState,
    { key, descending }: SortState,
  ): readonly TorrentId[] => {
    const wanted = new Set(ids)
    const start = last.filter(id => wanted.delete(id))
    for (const id of wanted) start.push(id)
    const names = new Map(start.map(id => [id, rows[id]?.name ?? '']))
    const byName = (a: TorrentId, b: TorrentId) =>
      collator.compare(names.get(a) ?? '', names.get(b) ?? '') || (a < b ? -1 : Number(a > b))
    const sign = descending ? -1 : 1
    if (key === 'name') start.sort((a, b) => sign * byName(a, b))
    else if (key === 'tracker') {
      const hosts = new Map(start.map(id => [id, rows[id]?.trackerHost ?? '\uffff']))
      start.sort((a, b) => sign * collator.compare(hosts.get(a) ?? '', hosts.get(b) ?? '') || byName(a, b))
    } else {
      const numbers = new Map(start.map(id => [id, rows[id] ? sortNumber(key, rows[id], stats[id]) : Number.NaN]))
      start.sort((a, b) => {
        const x = numbers.get(a) ?? Number.NaN
        const y = numbers.get(b) ?? Number.NaN
        if (x === y) return byName(a, b)
        if (Number.isNaN(x) || Number.isNaN(y))
          return Number.isNaN(x) && Number.isNaN(y) ? byName(a, b) : Number.isNaN(x) ? 1 : -1
        return sign * (x - y)
      })
    }
    last = start
    return start
  }
}

const NO_STATS: StatsState = {}
const sameOrder = (a: readonly TorrentId[], b: readonly TorrentId[]) =>
  a === b || (a.length === b.length && a.every((id, place) => id === b[place]))

const selectFiltered = createSelector(
  [(state: State) => state.torrents.ids, (state: State) => state.torrents.entities, (state: State) => state.filter],
  filterIds,
  { memoizeOptions: { resultEqualityCheck: sameOrder } },
)

/** The list as shown: worked out once a frame, and the same array while nothing changed places. */
export const selectVisibleIds = createSelector(
  [
    selectFiltered,
    (state: State) => state.torrents.entities,
    (state: State) => (MOVING.has(state.sort.key) ? state.stats : NO_STATS),
    (state: State) => state.sort,
  ],
  createSorter(),
  { memoizeOptions: { resultEqualityCheck: sameOrder } },
)

/** How many torrents each line of the sidebar stands for. */
export const selectCounts = createSelector([(state: State) => state.torrents.entities], (rows: Rows) => {
  const groups = Object.fromEntries(GROUPS.map(group => [group, 0])) as Record<(typeof GROUPS)[number], number>
  const trackers = new Map<string, number>()
  let all = 0
  for (const row of Object.values(rows)) {
    all++
    groups[groupOf(row)]++
    const host = row.trackerHost ?? ''
    trackers.set(host, (trackers.get(host) ?? 0) + 1)
  }
  return { all, groups, trackers: [...trackers].sort(([a], [b]) => collator.compare(a, b)) }
})
