import type { TorrentId } from '#engine/api/ids.ts'
import { STAT } from '#renderer/engine/stats.ts'
import { plural } from '#renderer/lib/plural.ts'
import { CutName } from '#renderer/ui/cut-name.tsx'
import { useAppSelector } from '../services.ts'
import { useNow } from '../use-now.ts'
import { FinderIcon, TrackerIcon } from './finder-icons.tsx'
import { FINDERS, finderWords } from './finder-words.ts'
import { trackerView } from './tracker-sentence.ts'
import { selectTrackers } from './trackers-slice.ts'
import styles from './trackers.module.css'

/** More trackers than these say nothing new. */
const MOST = 4

/** In the place of what a magnet cannot show yet: what it waits for, and who is asked for it. */
export function FindingFiles({ id }: { id: TorrentId }) {
  const known = useAppSelector(state => selectTrackers(state, id))
  const isLooking = useAppSelector(state => state.torrents.entities[id]?.status === 'metadata')
  const connected = useAppSelector(state => (state.stats[id]?.[STAT.peers] ?? 0) + (state.stats[id]?.[STAT.seeds] ?? 0))
  const now = useNow(1000)
  if (!isLooking) {
    return <p className={styles.note}>Its files are not known yet. Resume it, and peers are asked for the list.</p>
  }
  const { trackers = [], finders = [] } = known ?? {}
  return (
    <div className={styles.hunt}>
      <p className={styles.words}>
        Waiting for the file list, which comes from the first peer that has it.{' '}
        {connected > 0
          ? `${plural(connected, 'peer is', 'peers are')} connected and asked.`
          : 'No peer is connected; these are asked for some:'}
      </p>
      <ul aria-label="Asked for peers">
        {trackers.slice(0, MOST).map(tracker => {
          const { tone, answer } = trackerView(tracker, now)
          return (
            <li key={`${tracker.tier} ${tracker.url}`}>
              <TrackerIcon tone={tone} />
              <CutName name={tracker.host} className={styles.asked} />
              <span className={styles.words}>{answer}</span>
            </li>
          )
        })}
        {trackers.length > MOST && (
          <li className={styles.rest}>{plural(trackers.length - MOST, 'more tracker', 'more trackers')}</li>
        )}
        {known && trackers.length === 0 && <li className={styles.rest}>The link names no tracker</li>}
        {finders.map(finder => (
          <li key={finder.kind}>
            <FinderIcon finder={finder} />
            <span className={styles.asked}>{FINDERS[finder.kind].name}</span>
            <span className={styles.words}>{finderWords(finder)}</span>
          </li>
        ))}
      </ul>
    </div>
  )
}
