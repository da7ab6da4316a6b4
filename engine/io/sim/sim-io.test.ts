import { filesContract, pieceDiskContract, tcpContract, udpContract, type World } from '../io.contract.ts'
import { nodeHashes } from '#engine/testing/hashes.ts'
import { SimClock } from './sim-clock.ts'
import { simIo } from './sim-io.ts'
import { SimNetwork } from './sim-network.ts'
import { SimRandom } from './sim-random.ts'

/** A simulated computer whose time passes by itself, as fast as its events are done. */
async function simWorld(): Promise<World> {
  const clock = new SimClock(() => new Promise(resolve => setImmediate(resolve)))
  const random = new SimRandom(1)
  const network = new SimNetwork(clock, random)
  const host = network.host({ address: '10.0.0.1' })
  const io = simIo(network, clock, nodeHashes, host, { seed: 1, slotBudget: 16 * 1024 * 1024 })
  io.volume.delayMs = 1
  await io.files.makeFolder('/world')
  const over = new AbortController()
  const running = (async () => {
    while (!over.signal.aborted) await clock.advance(1)
  })()
  return {
    io,
    folder: '/world',
    address: host.address,
    async end() {
      over.abort()
      await running
    },
  }
}

tcpContract(simWorld)
udpContract(simWorld)
filesContract(simWorld)
pieceDiskContract(simWorld)
