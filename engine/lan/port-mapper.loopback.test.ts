import { afterEach, expect, test } from 'vitest'
import { Scope } from '#engine/base/scope.ts'
import type { Clock } from '#engine/io/clock.ts'
import type { LanInterface } from '#engine/io/lan.ts'
import { nodeClock } from '#engine/io/node/clock.ts'
import { NodeDns } from '#engine/io/node/dns.ts'
import { NodeHttp } from '#engine/io/node/http.ts'
import { nodeRandom } from '#engine/io/node/random.ts'
import { NodeUdp } from '#engine/io/node/udp.ts'
import { fakePmpGateway, fakeUpnpGateway, igdDescription, type FakeGateway } from '#engine/testing/fake-gateway.ts'
import { PortMapper, type PortMapperStatus } from './port-mapper.ts'

/** Patience costs a twentieth of what it would. */
const FASTER = 20
const clock: Clock = {
  now: () => nodeClock.now() * FASTER,
  wall: () => nodeClock.wall(),
  after: (delayMs, fn) => nodeClock.after(delayMs / FASTER, fn),
}
const log = { write: () => {} }
const lo: LanInterface = {
  name: 'lo',
  address: '127.0.0.1',
  family: 4,
  netmask: '255.0.0.0',
  internal: true,
  scope: 0,
}

let scope = new Scope()
afterEach(() => {
  scope[Symbol.dispose]()
  scope = new Scope()
})

function owned(gateway: FakeGateway): FakeGateway {
  scope.defer(() => gateway.close())
  return gateway
}

async function mapperFor(pmp: FakeGateway, upnp?: FakeGateway, networks: LanInterface[] = [lo]) {
  const nobody = owned(await fakePmpGateway({ speaks: 'nothing' }))
  const http = new NodeHttp(new NodeDns())
  scope.defer(() => http.close())
  const lan = { gateway: async (family: 4 | 6) => (family === 4 ? '127.0.0.1' : undefined), interfaces: () => networks }
  const io = { udp: new NodeUdp(log), http, lan, clock, random: nodeRandom, log }
  const ssdp = { address: '127.0.0.1', port: (upnp ?? nobody).port, family: 4 } as const
  return new PortMapper(io, { allow: () => true, pmpPort: pmp.port, ssdp })
}

const pause = () => new Promise<void>(resolve => void nodeClock.after(10, resolve))

async function until(mapper: PortMapper, kind: PortMapperStatus['kind'], at = clock.now()): Promise<PortMapperStatus> {
  mapper.tick(at)
  for (let round = 0; round < 300 && mapper.status.kind !== kind; round++) {
    await pause()
  }
  return mapper.status
}

const kinds = async (mapper: PortMapper) => {
  const seen = [mapper.status.kind]
  mapper.map(6881, 6881)
  mapper.start()
  seen.push(mapper.status.kind)
  const status = await until(mapper, 'mapped')
  return { seen: [...seen, status.kind], status }
}

test('maps by PCP, renews, and takes it back', async () => {
  const gateway = owned(await fakePmpGateway({ speaks: 'pcp' }))
  const mapper = await mapperFor(gateway)
  const { seen, status } = await kinds(mapper)
  expect(seen).toEqual(['off', 'searching', 'mapped'])
  expect(status).toEqual({
    kind: 'mapped',
    text: 'The router forwards port 6881 (PCP).',
    externalPort: 6881,
    externalAddress: '203.0.113.7',
    method: 'PCP',
  })
  expect([...gateway.mappings.values()]).toEqual(['tcp 6881 -> 6881 for 3600 s', 'udp 6881 -> 6881 for 3600 s'])
  gateway.mappings.clear()
  mapper.tick(clock.now() + 29 * 60_000)
  mapper.tick(clock.now() + 31 * 60_000)
  for (let round = 0; round < 300 && gateway.mappings.size < 2; round++) await pause()
  expect(mapper.status.kind).toBe('mapped')
  expect(gateway.mappings.size).toBe(2)
  await mapper.stop()
  expect(gateway.mappings.size).toBe(0)
  expect(mapper.status).toMatchObject({ kind: 'off', externalPort: undefined })
})

test('maps by NAT-PMP where PCP is not known, at the port that the router gives', async () => {
  const gateway = owned(await fakePmpGateway({ speaks: 'nat-pmp', shift: 100, externalAddress: [10, 0, 0, 2] }))
  const mapper = await mapperFor(gateway)
  const { status } = await kinds(mapper)
  expect(status).toMatchObject({ method: 'NAT-PMP', externalPort: 6981, externalAddress: '10.0.0.2' })
  expect(status.text).toBe(
    'The router forwards port 6981 to port 6881 here (NAT-PMP). It is behind another router itself (10.0.0.2), so peers may still not reach this computer.',
  )
  expect(gateway.asked[0]).toBe('another version')
  await mapper.stop()
  expect(gateway.mappings.size).toBe(0)
})

test('maps by UPnP where nothing else answers', async () => {
  const silent = owned(await fakePmpGateway({ speaks: 'nothing' }))
  const upnp = owned(await fakeUpnpGateway({ description: igdDescription('/control') }))
  const mapper = await mapperFor(silent, upnp)
  const { status } = await kinds(mapper)
  expect(status).toMatchObject({ method: 'UPnP', externalPort: 6881, externalAddress: '198.51.100.4' })
  expect([...upnp.mappings.values()]).toEqual([
    'tcp 6881 -> 127.0.0.1:6881 for 3600 s',
    'udp 6881 -> 127.0.0.1:6881 for 3600 s',
  ])
  mapper.map(7000, undefined)
  expect(await until(mapper, 'mapped')).toMatchObject({ externalPort: 7000 })
  expect([...upnp.mappings.keys()]).toEqual(['tcp 7000'])
  await mapper.stop()
  expect(upnp.mappings.size).toBe(0)
})

test('asks a router that knows only permanent mappings for those, and for another port where one is taken', async () => {
  const refusing = owned(await fakePmpGateway({ speaks: 'pcp', refuse: 2 }))
  const upnp = owned(
    await fakeUpnpGateway({ description: igdDescription('control'), onlyPermanent: true, taken: [6881] }),
  )
  const mapper = await mapperFor(refusing, upnp)
  const { status } = await kinds(mapper)
  expect(status.externalPort).not.toBe(6881)
  const port = status.externalPort
  expect([...upnp.mappings.values()]).toEqual([
    `tcp ${port} -> 127.0.0.1:6881 for 0 s`,
    `udp ${port} -> 127.0.0.1:6881 for 0 s`,
  ])
  await mapper.stop()
})

test('opens the IPv6 firewall where the router has that service', async () => {
  const silent = owned(await fakePmpGateway({ speaks: 'nothing' }))
  const firewall =
    '<service><serviceType>urn:schemas-upnp-org:service:WANIPv6FirewallControl:1</serviceType><controlURL>/6</controlURL></service>'
  const upnp = owned(await fakeUpnpGateway({ description: igdDescription('{origin}/control', firewall) }))
  const global: LanInterface = { ...lo, address: '2001:db8::5', family: 6, netmask: 'ffff:ffff:ffff:ffff::' }
  const mapper = await mapperFor(silent, upnp, [lo, global])
  await kinds(mapper)
  expect([...upnp.mappings.values()].slice(2)).toEqual([
    'pinhole 6 [2001:db8::5]:6881',
    'pinhole 17 [2001:db8::5]:6881',
  ])
  await mapper.stop()
  expect(upnp.mappings.size).toBe(0)
})

test('does not let a router aim it at somebody else', async () => {
  const silent = owned(await fakePmpGateway({ speaks: 'nothing' }))
  const upnp = owned(await fakeUpnpGateway({ description: igdDescription('http://127.0.0.2:80/control') }))
  const mapper = await mapperFor(silent, upnp)
  mapper.map(6881, 6881)
  mapper.start()
  expect(await until(mapper, 'failed')).toMatchObject({
    kind: 'failed',
    text: 'The router offers no port forwarding by UPnP. Switch on UPnP or NAT-PMP in the router, or forward port 6881 to this computer there.',
  })
  expect(upnp.asked).toEqual([])
  await mapper.stop()
})

test('says that nobody answers, tries again later, and at once when told to', async () => {
  const silent = owned(await fakePmpGateway({ speaks: 'nothing' }))
  const mapper = await mapperFor(silent)
  mapper.map(6881, undefined)
  mapper.start()
  const { text } = await until(mapper, 'failed')
  expect(text).toContain('The router at 127.0.0.1 does not answer. Switch on UPnP')
  const failedAt = clock.now()
  mapper.tick(failedAt + 1000)
  expect(mapper.status.kind).toBe('failed')
  mapper.tick(failedAt + 61_000)
  expect(mapper.status.kind).toBe('searching')
  await until(mapper, 'failed', failedAt)
  mapper.retry()
  mapper.tick(clock.now())
  expect(mapper.status.kind).toBe('searching')
  // In the middle of a search.
  await mapper.stop()
  expect(mapper.status.kind).toBe('off')
})
