import { Copy, UserPlus } from 'lucide-react'
import { useCallback, useMemo, useState } from 'react'
import type { TorrentId } from '#engine/api/ids.ts'
import type { PeerRow } from '#engine/api/model.ts'
import { STAT } from '#renderer/engine/stats.ts'
import { bytesQuantity, formatCount, formatPercent, rateQuantity } from '#renderer/lib/format.ts'
import { plural } from '#renderer/lib/plural.ts'
import { Button } from '#renderer/ui/button.tsx'
import { ContextMenu, MenuItem } from '#renderer/ui/menu.tsx'
import { PercentBar } from '#renderer/ui/percent-bar.tsx'
import { QuantityText } from '#renderer/ui/quantity-text.tsx'
import { VirtualTable, type Reach, type TableColumn } from '#renderer/ui/virtual-table.tsx'
import { FindingFiles } from '../trackers/finding-files.tsx'
import { useAppSelector } from '../services.ts'
import { useCopy } from '../use-copy.ts'
import { useNow } from '../use-now.ts'
import { AddPeerSheet } from './add-peer-sheet.tsx'
import { connectionWords, peerFacts, peerSentence, SOURCE_HINTS, SOURCE_WORDS } from './peer-sentence.ts'
import { sortPeers, type PeerSort, type PeerSortKey } from './peer-sort.ts'
import { selectPeers } from './peers-slice.ts'
import styles from './peers.module.css'

const COLUMNS: readonly TableColumn<PeerSortKey>[] = [
  { key: 'address', label: 'Address' },
  { key: 'client', label: 'Client' },
  { key: 'does', label: 'What it does', hint: 'Where data flows also how: encrypted or not, by TCP or uTP' },
  { key: 'source', label: 'Source', className: styles.source, hint: 'How we came to know it' },
  { key: 'progress', label: 'Has', className: styles.has },
  { key: 'down', label: 'Down', isNumber: true },
  { key: 'up', label: 'Up', isNumber: true },
  { key: 'downloaded', label: 'Got', isNumber: true, className: styles.total, hint: 'Received from it' },
  { key: 'uploaded', label: 'Gave', isNumber: true, className: styles.total, hint: 'Sent to it' },
]

export function PeersTab({ id }: { id: TorrentId }) {
  const peers = useAppSelector(state => selectPeers(state, id))
  if (!peers) return <p className={styles.note}>Asking who is connected…</p>
  return <Peers key={id} id={id} peers={peers} />
}

function Peers({ id, peers }: { id: TorrentId; peers: readonly PeerRow[] }) {
  const isComplete = useAppSelector(state => (state.stats[id]?.[STAT.left] ?? 1) <= 0)
  const [sort, setSort] = useState<PeerSort>({ key: 'down', descending: true })
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set())
  const [cursor, setCursor] = useState<string | null>(null)
  const [adds, setAdds] = useState(false)
  const copy = useCopy()
  const byKey = useMemo(() => new Map(peers.map(peer => [peer.key, peer])), [peers])
  const ids = useMemo(() => sortPeers(peers, sort, isComplete).map(peer => peer.key), [peers, sort, isComplete])
  const row = useCallback(
    (key: string) => {
      const peer = byKey.get(key)
      return peer && <PeerCells peer={peer} isComplete={isComplete} />
    },
    [byKey, isComplete],
  )
  const reach = (key: string, how: Reach) => {
    setCursor(key)
    if (how === 'move') return
    if (how === 'only') return setSelected(new Set([key]))
    if (how === 'toggle') {
      const next = new Set(selected)
      if (!next.delete(key)) next.add(key)
      return setSelected(next)
    }
    const [from, to] = [ids.indexOf(cursor ?? key), ids.indexOf(key)]
    setSelected(new Set([...selected, ...ids.slice(Math.min(from, to), Math.max(from, to) + 1)]))
  }
  const copyAddresses = (keys: readonly string[]) =>
    void copy(keys.join('\n'), plural(keys.length, 'address', 'addresses').replace(/^1 /, ''))
  const chosen = ids.filter(key => selected.has(key))
  const current = byKey.get(cursor ?? '')
  return (
    <>
      <div className={styles.bar}>
        <PeersSummary id={id} peers={peers} />
        <span className={styles.actions}>
          {chosen.length > 0 && (
            <Button look="link" onClick={() => copyAddresses(chosen)}>
              Copy {chosen.length === 1 ? 'address' : `${chosen.length} addresses`}
            </Button>
          )}
          <Button look="link" onClick={() => setAdds(true)}>
            Add peer…
          </Button>
        </span>
      </div>
      {peers.length === 0 ? (
        <Nobody id={id} />
      ) : (
        <ContextMenu
          menu={
            <>
              <MenuItem
                icon={Copy}
                label={chosen.length > 1 ? 'Copy addresses' : 'Copy address'}
                unavailable={chosen.length === 0 ? 'Select a peer first' : undefined}
                onRun={() => copyAddresses(chosen)}
              />
              <MenuItem icon={UserPlus} label="Add peer…" onRun={() => setAdds(true)} />
            </>
          }
        >
          <div className={styles.table}>
            <VirtualTable
              label="Peers"
              columns={COLUMNS}
              ids={ids}
              rowHeight={28}
              row={row}
              rowClassName={styles.row}
              textOf={key => key}
              selected={selected}
              cursor={cursor}
              sort={sort}
              onSort={key => setSort({ key, descending: sort.key === key ? !sort.descending : NUMBERS.has(key) })}
              onReach={reach}
              onAll={() => setSelected(new Set(ids))}
              onOpen={key => copyAddresses([key])}
            />
          </div>
        </ContextMenu>
      )}
      {peers.length > 0 && (current ? <PeerLine peer={current} /> : <p className={styles.line}>{LEGEND}</p>)}
      {adds && <AddPeerSheet id={id} onClose={() => setAdds(false)} />}
    </>
  )
}

/** Before a peer is chosen: what its line will tell. */
const LEGEND = 'Select a peer to read how it was found, how it is connected, encrypted or not, and who serves whom.'

function Nobody({ id }: { id: TorrentId }) {
  const hasMetadata = useAppSelector(state => state.torrents.entities[id]?.hasMetadata ?? true)
  if (!hasMetadata) return <FindingFiles id={id} />
  return <p className={styles.note}>No peer is connected. The Trackers tab says who is asked for some.</p>
}

/** Figures are wanted largest first, words from A. */
const NUMBERS: ReadonlySet<PeerSortKey> = new Set(['progress', 'down', 'up', 'downloaded', 'uploaded'])

function PeersSummary({ id, peers }: { id: TorrentId; peers: readonly PeerRow[] }) {
  const known = useAppSelector(state => {
    const stats = state.stats[id]
    return stats ? Math.max(0, stats[STAT.peersKnown]) + Math.max(0, stats[STAT.seedsKnown]) : 0
  })
  const seeds = peers.filter(peer => peer.progress >= 1).length
  const others = peers.length - seeds
  const who = `${plural(seeds, 'seed', 'seeds')}, ${plural(others, 'peer', 'peers')}`
  const parts = [peers.length === 0 ? 'Nobody connected' : `${formatCount(peers.length)} connected: ${who}`]
  const encrypted = peers.filter(peer => peer.encrypted).length
  if (encrypted > 0) parts.push(`${formatCount(encrypted)} encrypted`)
  if (known > 0) parts.push(`${formatCount(known)} known`)
  return <span className={styles.summary}>{parts.join(' · ')}</span>
}

/** Every flag of the peer under the cursor, in words. */
function PeerLine({ peer }: { peer: PeerRow }) {
  const now = useNow(1000)
  return (
    <p className={styles.line}>
      <bdi className={styles.strong}>{peer.key}</bdi> {peerFacts(peer, now).join(' · ')}
    </p>
  )
}

function PeerCells({ peer, isComplete }: { peer: PeerRow; isComplete: boolean }) {
  const { does, how } = peerSentence(peer, isComplete)
  const sentence = how === '' ? does : `${does} · ${how}`
  const source = SOURCE_HINTS[peer.source]
  // A zero says something only where data is wanted and none comes.
  const wantsDown = peer.down > 0 || (peer.amInterested && !peer.peerChoking)
  return (
    <>
      <span role="gridcell" title={peer.key}>
        <bdi>{peer.address}</bdi>
      </span>
      <span role="gridcell" className={styles.words} title={peer.client}>
        <bdi>{peer.client === '' ? 'Unknown' : peer.client}</bdi>
      </span>
      <span role="gridcell" className={styles.words} title={`${sentence}\n${connectionWords(peer)}\n${source}`}>
        {sentence}
      </span>
      <span role="gridcell" className={`${styles.words} ${styles.source}`} title={source}>
        {SOURCE_WORDS[peer.source]}
      </span>
      <span role="gridcell" className={styles.has}>
        {peer.progress >= 1 ? (
          <span className={styles.everything}>Everything</span>
        ) : (
          <PercentBar value={peer.progress} words={formatPercent(peer.progress)} pattern="plain" />
        )}
      </span>
      <span role="gridcell" className={peer.down > 0 ? styles.number : styles.zero}>
        {wantsDown && <QuantityText of={rateQuantity(peer.down)} />}
      </span>
      <span role="gridcell" className={styles.number}>
        {peer.up > 0 && <QuantityText of={rateQuantity(peer.up)} />}
      </span>
      <span role="gridcell" className={`${styles.number} ${styles.total}`}>
        {peer.downloaded > 0 && <QuantityText of={bytesQuantity(peer.downloaded)} isSize />}
      </span>
      <span role="gridcell" className={`${styles.number} ${styles.total}`}>
        {peer.uploaded > 0 && <QuantityText of={bytesQuantity(peer.uploaded)} isSize />}
      </span>
    </>
  )
}
