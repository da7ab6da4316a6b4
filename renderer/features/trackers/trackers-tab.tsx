import { Globe } from 'lucide-react'
import { useState, type ReactNode } from 'react'
import type { TorrentId } from '#engine/api/ids.ts'
import type { FinderRow, TorrentStatus, TrackerRow } from '#engine/api/model.ts'
import { formatCount } from '#renderer/lib/format.ts'
import { plural } from '#renderer/lib/plural.ts'
import { Button } from '#renderer/ui/button.tsx'
import { CutName } from '#renderer/ui/cut-name.tsx'
import { Icon } from '#renderer/ui/icon.tsx'
import { selectOverview } from '../overview/overview-slice.ts'
import { useAppSelector } from '../services.ts'
import { useAttempt } from '../use-attempt.ts'
import { useCopy } from '../use-copy.ts'
import { useNow } from '../use-now.ts'
import { EditTrackersSheet } from './edit-trackers-sheet.tsx'
import { FinderIcon, TrackerIcon } from './finder-icons.tsx'
import { FINDERS, finderWords } from './finder-words.ts'
import { announceRefusal, trackerView } from './tracker-sentence.ts'
import { selectTrackers } from './trackers-slice.ts'
import styles from './trackers.module.css'

const STOPPED: ReadonlySet<TorrentStatus> = new Set(['paused', 'done', 'queued', 'error', 'stopping'])

export function TrackersTab({ id }: { id: TorrentId }) {
  const known = useAppSelector(state => selectTrackers(state, id))
  const overview = useAppSelector(state => selectOverview(state, id))
  const status = useAppSelector(state => state.torrents.entities[id]?.status)
  const port = useAppSelector(state => state.session?.listenPort ?? 0)
  const now = useNow(1000)
  const attempt = useAttempt()
  const [edits, setEdits] = useState(false)
  if (!known) return <p className={styles.note}>Reading the trackers…</p>
  const { trackers, finders } = known
  const webSeeds = overview?.webSeeds ?? []
  const refusal = announceRefusal(trackers, status !== undefined && !STOPPED.has(status), now)
  const wait = refusal?.startsWith('in ') ? refusal : undefined
  return (
    <>
      <div className={styles.bar}>
        <span className={styles.summary}>
          {trackers.length === 0 ? 'No trackers' : plural(trackers.length, 'tracker', 'trackers')}
          {port > 0 && trackers.length > 0 && ` · port ${port} announced`}
        </span>
        <Button look="link" onClick={() => setEdits(true)}>
          Edit trackers…
        </Button>
        <Button
          size="small"
          unavailable={wait === undefined ? refusal : `The tracker allows the next announce ${wait}`}
          onClick={() => void attempt('torrents.announce', { ids: [id] })}
        >
          Announce now
          {wait !== undefined && <span className={styles.wait}>{wait}</span>}
        </Button>
      </div>
      <TrackerTable trackers={trackers} finders={finders} webSeeds={webSeeds} now={now} />
      {edits && <EditTrackersSheet id={id} onClose={() => setEdits(false)} />}
    </>
  )
}

interface TrackerTableProps {
  readonly trackers: readonly TrackerRow[]
  readonly finders: readonly FinderRow[]
  readonly webSeeds: readonly string[]
  readonly now: number
}

function TrackerTable({ trackers, finders, webSeeds, now }: TrackerTableProps) {
  return (
    <div className={styles.scroller}>
      <table className={styles.table} aria-label="Trackers">
        <thead>
          <tr>
            <th scope="col" className={styles.first}>
              Tracker
            </th>
            <th scope="col">Last answer</th>
            <th scope="col">Next</th>
            <th scope="col" className={styles.number}>
              Seeds
            </th>
            <th scope="col" className={styles.number}>
              Peers
            </th>
          </tr>
        </thead>
        <tbody>
          {trackers.length === 0 && (
            <tr>
              <td colSpan={5} className={styles.words}>
                This torrent names no tracker. Peers come from elsewhere, or from the ones you add.
              </td>
            </tr>
          )}
          {trackers.map((tracker, place) => (
            <Tracker
              key={`${tracker.tier} ${tracker.url}`}
              tracker={tracker}
              isNext={place > 0 && trackers[place - 1]?.tier === tracker.tier}
              now={now}
            />
          ))}
          {finders.map(finder => (
            <Finder key={finder.kind} finder={finder} />
          ))}
          {webSeeds.length > 0 && <WebSeeds of={webSeeds} />}
        </tbody>
      </table>
    </div>
  )
}

interface LineProps {
  readonly icon: ReactNode
  readonly name: ReactNode
  /** Below the name. */
  readonly what: ReactNode
  readonly answer: string
  readonly next?: string
  readonly seeds?: number | null
  readonly peers?: number | null
  readonly peersHint?: string
}

/** What all that can find peers has in common. */
function Line({ icon, name, what, answer, next = '', seeds = null, peers = null, peersHint }: LineProps) {
  return (
    <tr>
      <td>
        <span className={styles.tracker}>
          {icon}
          <span className={styles.lines}>
            {name}
            {what}
          </span>
        </span>
      </td>
      <td className={styles.words} title={answer}>
        {answer}
      </td>
      <td className={styles.words}>{next}</td>
      <td className={styles.number}>{seeds !== null && formatCount(seeds)}</td>
      <td className={styles.number} title={peersHint}>
        {peers !== null && formatCount(peers)}
      </td>
    </tr>
  )
}

const What = ({ text }: { text: string }) => (
  <span className={styles.what} title={text}>
    {text}
  </span>
)

function Finder({ finder }: { finder: FinderRow }) {
  const { name, what } = FINDERS[finder.kind]
  return (
    <Line
      icon={<FinderIcon finder={finder} />}
      name={name}
      what={<What text={what} />}
      answer={finderWords(finder)}
      peers={finder.peers > 0 ? finder.peers : null}
      peersHint="Connected peers that came by it"
    />
  )
}

/** Servers that hold the data: asked beside the peers, so they are no peers and no trackers. */
function WebSeeds({ of }: { of: readonly string[] }) {
  const hosts = [...new Set(of.map(url => (URL.canParse(url) ? new URL(url).host : url)))].join(', ')
  return (
    <Line
      icon={<Icon of={Globe} className={styles.waiting} />}
      name={plural(of.length, 'web seed', 'web seeds')}
      what={<What text={hosts} />}
      answer="Asked for pieces beside the peers"
    />
  )
}

function Tracker({ tracker, isNext, now }: { tracker: TrackerRow; isNext: boolean; now: number }) {
  const copy = useCopy()
  const { tone, answer, next } = trackerView(tracker, now)
  return (
    <Line
      icon={<TrackerIcon tone={tone} />}
      name={<CutName name={tracker.url} />}
      what={
        <span className={styles.tier}>
          Tier {tracker.tier + 1}
          {isNext && ', next in turn'}
          <Button
            look="link"
            className={styles.copy}
            aria-label={`Copy ${tracker.host}`}
            onClick={() => void copy(tracker.url, 'tracker address')}
          >
            Copy
          </Button>
        </span>
      }
      answer={answer}
      next={next}
      seeds={tracker.seeds}
      peers={tracker.leeches}
    />
  )
}
