import type { StatsRow, TorrentRow } from '#engine/api/model.ts'
import { bytes, duration, percent } from './format.ts'

const BAR = 24

/** One line for a terminal: bar, share, rates, peers, time left; never wider than the terminal. */
export function progressLine(row: TorrentRow, stats: StatsRow, columns: number): string {
  const [, progress, , down, up, peers, , seeds, , eta] = stats
  const parts = [
    barOf(progress),
    words(row),
    ...(down > 0 ? [`down ${bytes(down)}/s`] : []),
    ...(up > 0 ? [`up ${bytes(up)}/s`] : []),
    ...(peers + seeds > 0 ? [`${peers + seeds} peer${peers + seeds === 1 ? '' : 's'}`] : []),
    ...(eta > 0 ? [`${duration(eta)} left`] : []),
  ]
  return parts.join('  ').slice(0, Math.max(20, columns - 1))
}

/** The same while a torrent is made. @param progress bytes, bytes per second, seconds */
export function hashingLine(
  progress: { done: number; total: number; rate: number; eta: number },
  columns: number,
): string {
  const { done, total, rate, eta } = progress
  const parts = [
    barOf(done / total),
    `${bytes(done)} of ${bytes(total)}`,
    ...(rate > 0 ? [`${bytes(rate)}/s`, `${duration(eta)} left`] : []),
  ]
  return parts.join('  ').slice(0, Math.max(20, columns - 1))
}

function barOf(share: number): string {
  const filled = Math.floor(share * BAR)
  return `[${'#'.repeat(filled)}${'.'.repeat(BAR - filled)}] ${percent(share)}`
}

function words(row: TorrentRow): string {
  switch (row.reason?.kind) {
    case 'no-peers':
      return 'no peers known'
    case 'no-seeds':
      return 'nobody has the rest'
    case 'all-busy':
      return 'all peers busy'
    case 'connecting':
      return 'connecting'
    case 'tracker-refused':
      return `refused by ${row.reason.host}: ${row.reason.text}`
    case 'tracker-unreachable':
      return `${row.reason.host} unreachable: ${row.reason.text}`
    case 'no-trackers':
      return 'no trackers, no peers'
    case 'nothing-wanted':
      return 'no file wanted'
    case 'nobody-asks':
    case undefined:
      return row.status === 'metadata' ? 'finding files' : row.status
  }
}
