import { ArrowDown, ArrowUp, HardDrive, Unplug, Users } from 'lucide-react'
import { classNames } from '#renderer/lib/class-names.ts'
import { formatBytes, formatCount } from '#renderer/lib/format.ts'
import { plural } from '#renderer/lib/plural.ts'
import { Icon } from '#renderer/ui/icon.tsx'
import { Roving } from '#renderer/ui/roving.tsx'
import { useAppSelector } from '../services.ts'
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
  const proof = incoming > 0 ? `${plural(incoming, 'peer has', 'peers have')} come in` : 'No peer has come in yet'
  // On another port than the one set peers still come; only the router's rule may miss it.
  const tone = !isListening ? styles.bad : problem !== '' ? styles.fair : incoming > 0 ? styles.good : styles.open
  return (
    <span className={styles.part} title={[problem === '' ? proof : problem, mapping].filter(Boolean).join('. ')}>
      <i className={classNames(styles.dot, tone)} />
      {words}
      {problem !== '' && <span className={styles.problem}>{problem}</span>}
    </span>
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
      DHT {formatCount(nodes)}
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
