import { expect, test } from 'vitest'
import { endpointKey } from '#engine/base/endpoint.ts'
import { infoHash } from '#engine/base/ids.ts'
import type { LanInterface } from '#engine/io/lan.ts'
import { nodeClock } from '#engine/io/node/clock.ts'
import { NodeLan } from '#engine/io/node/lan.ts'
import { nodeRandom } from '#engine/io/node/random.ts'
import { NodeUdp } from '#engine/io/node/udp.ts'
import type { UdpSocket } from '#engine/io/udp.ts'

import { Lsd } from './lsd.ts'

const log = { write: () => {} }
const udp = new NodeUdp(log)
const torrent = infoHash(new Uint8Array(20).fill(0x5a))

const sleep = (ms: number) => new Promise<void>(resolve => void nodeClock.after(ms, resolve))

/** An IPv4 network of this machine on which a multicast packet comes back, this computer's own before others. */
async function networkWithMulticast(): Promise<LanInterface | undefined> {
  const all = new NodeLan().interfaces().filter(one => one.family === 4)
  for (const via of all.toSorted((a, b) => Number(b.internal) - Number(a.internal))) {
    let heard = 0
    let socket: UdpSocket | undefined
    try {
      const multicast = { group: '239.192.152.143', via, ttl: 1, loopback: true }
      socket = await udp.bind({ family: 4, port: 0, multicast }, () => heard++)
      socket.send(Uint8Array.of(1), { address: '239.192.152.143', port: socket.port, family: 4 })
      await sleep(100)
      if (heard > 0) return via
    } catch {
      // No multicast by this one.
    } finally {
      socket?.close()
    }
  }
  return undefined
}

const network = await networkWithMulticast()
if (!network) console.info('skipped: no network of this machine gives multicast packets back')

test.skipIf(!network)('two neighbours find each other, and not themselves', async () => {
  const found: string[] = []
  const neighbour = (name: string, port: number) => {
    const host = {
      onPeer: (_: unknown, peer: Parameters<typeof endpointKey>[0]) =>
        void found.push(`${name} hears ${endpointKey(peer)}`),
    }
    const io = { udp, lan: new NodeLan(), clock: nodeClock, random: nodeRandom, log }
    const lsd = new Lsd(io, host, { port: () => port, allow: one => one.address === network!.address })
    lsd.add(torrent)
    lsd.start()
    return lsd
  }
  const [a, b] = [neighbour('a', 5001), neighbour('b', 5002)]
  for (let round = 0; round < 30 && found.length < 2; round++) {
    a.tick(nodeClock.now())
    b.tick(nodeClock.now())
    await sleep(100)
  }
  a.stop()
  b.stop()
  expect(found.sort((one, other) => one.localeCompare(other))).toEqual([
    `a hears ${network!.address}:5002`,
    `b hears ${network!.address}:5001`,
  ])
})
