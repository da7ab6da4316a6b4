import { ArrowDown, ArrowUp, HardDrive, Unplug, Users } from 'lucide-react'
import { useState } from 'react'
import { classNames } from '#renderer/lib/class-names.ts'
import { formatBytes, formatCount } from '#renderer/lib/format.ts'
import { plural } from '#renderer/lib/plural.ts'
import { Button } from '#renderer/ui/button.tsx'
import { Icon } from '#renderer/ui/icon.tsx'
import { Popover } from '#renderer/ui/popover.tsx'
import { Roving } from '#renderer/ui/roving.tsx'
import { sheetOpened } from '../commands/windows-slice.ts'
import { useAppDispatch, useAppSelector } from '../services.ts'
import { Limit } from './limit.tsx'
import styles from './status-bar.module.css'

export function StatusBar() {
  return (
    <footer className={styles.bar}>
      <Roving role="group" label="Status" orientation="horizontal" className={styles.parts} region="status">
        <Reachable />
        <Peers />
        <Nodes />
        <span className={styles.grow} />
        <Limit icon={ArrowDown} direction="down" name="Download" />
        <Limit icon={ArrowUp} direction="up" name="Upload" />
        <FreeSpace />
      </Roving>
    </footer>
  )
}

/** Where peers reach us, or why they cannot; the dot never says it alone. */
function Reachable() {
  const port = useAppSelector(state => state.session?.listenPort ?? 0)
  const problem = useAppSelector(state => state.session?.listenProblem ?? '')
  const incoming = useAppSelector(state => state.session?.incoming ?? 0)
  const mapping = useAppSelector(state => state.session?.portMapping.text ?? '')
  const [isOpen, setOpen] = useState(false)
  const dispatch = useAppDispatch()
  const isLost = useAppSelector(state => state.connection.phase !== 'open')
  if (isLost) {
    return (
      <span className={styles.part}>
        <Icon of={Unplug} /> Engine not connected
      </span>
    )
  }
  const isListening = port > 0
  const words = isListening ? `Listening on ${port}` : 'Not listening'
  const proof =
    incoming > 0
      ? `${plural(incoming, 'peer has', 'peers have')} come in by this port`
      : 'No peer has come in yet. That may take a while; router and firewall have to let the port through'
  // On another port than the one set peers still come; only the router's rule may miss it.
  const tone = !isListening ? styles.bad : problem !== '' ? styles.fair : incoming > 0 ? styles.good : styles.open
  return (
    <Popover
      title="Can peers reach you?"
      open={isOpen}
      onOpen={setOpen}
      trigger={
        <button type="button" className={classNames(styles.limit, styles.reach)}>
          <i className={classNames(styles.dot, tone)} />
          {words}
          {problem !== '' && <span className={styles.problem}>{problem}</span>}
        </button>
      }
    >
      {[problem, `${proof}.`, mapping].filter(Boolean).map(fact => (
        <p key={fact} className={styles.fact}>
          {fact}
        </p>
      ))}
      <Button
        look="link"
        className={styles.way}
        onClick={() => {
          setOpen(false)
          dispatch(sheetOpened({ kind: 'settings' }))
        }}
      >
        Preferences…
      </Button>
    </Popover>
  )
}

function Peers() {
  const peers = useAppSelector(state => state.session?.peers ?? 0)
  return (
    <span className={classNames(styles.part, styles.second)}>
      <Icon of={Users} />
      {peers === 0 ? 'No peers' : plural(peers, 'peer', 'peers')}
    </span>
  )
}

/** Only where the DHT is on. */
function Nodes() {
  const nodes = useAppSelector(state => state.session?.dhtNodes ?? null)
  if (nodes === null) return null
  const hint = 'Nodes of the distributed hash table that we know: they find peers without a tracker'
  return (
    <span className={classNames(styles.part, styles.second, styles.nodes)} title={hint}>
      {nodes === 0 ? 'DHT: no nodes yet' : `DHT ${formatCount(nodes)}`}
    </span>
  )
}

function FreeSpace() {
  const free = useAppSelector(state => state.session?.freeSpace ?? null)
  const folder = useAppSelector(state => state.session?.downloadFolder ?? '')
  if (free === null) return null
  return (
    <span className={classNames(styles.part, styles.second)} title={folder}>
      <Icon of={HardDrive} />
      {formatBytes(free)} free
    </span>
  )
}
