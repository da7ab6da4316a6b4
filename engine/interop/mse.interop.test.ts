import { afterEach, expect, test } from 'vitest'
import { infoHash, toHex } from '#engine/base/ids.ts'
import { NodeDh } from '#engine/io/node/dh.ts'
import { nodeRandom } from '#engine/io/node/random.ts'
import { NodeTcp } from '#engine/io/node/tcp.ts'
import type { TcpSocket } from '#engine/io/tcp.ts'
import { Child, freePort } from '#engine/testing/child.ts'
import { nodeHashes } from '#engine/testing/hashes.ts'
import { hasLibtorrent } from '#engine/testing/libtorrent.ts'
import { encodeHandshake, HandshakeReader } from '#engine/wire/handshake.ts'
import type { MseDone } from '#engine/wire/mse/cipher.ts'
import { EncryptedSocket } from '#engine/wire/mse/encrypted-socket.ts'
import { MseInitiator } from '#engine/wire/mse/initiator.ts'
import { SkeyIndex } from '#engine/wire/mse/keys.ts'
import { MseResponder } from '#engine/wire/mse/responder.ts'

/** Arguments: port to listen on, infohash, allowed level (1 plain, 2 rc4, 3 both), port to dial or 0. */
const SCRIPT = `
import libtorrent as lt, sys, time
port, infohash, level, dial = int(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
forced = int(lt.enc_policy.pe_forced)
session = lt.session({"listen_interfaces": "127.0.0.1:%d" % port, "enable_dht": False, "enable_lsd": False,
  "enable_upnp": False, "enable_natpmp": False, "enable_incoming_utp": False, "enable_outgoing_utp": False,
  "in_enc_policy": forced, "out_enc_policy": forced, "allowed_enc_level": level, "prefer_rc4": level != 1})
params = lt.parse_magnet_uri("magnet:?xt=urn:btih:" + infohash)
params.save_path = "/tmp"
params.flags &= ~(lt.torrent_flags.auto_managed | lt.torrent_flags.paused)
handle = session.add_torrent(params)
while session.listen_port() == 0: time.sleep(0.05)
print("ready", flush=True)
if dial: handle.connect_peer(("127.0.0.1", dial))
sys.stdin.read()
`

const torrent = infoHash(nodeRandom.bytes(20))
const ourHandshake = encodeHandshake({ infoHash: torrent, peerId: nodeRandom.bytes(20), reserved: new Uint8Array(8) })
const tcp = new NodeTcp({ write: () => {} })
const common = { dh: new NodeDh(), hashes: nodeHashes, random: nodeRandom }

const open: (() => unknown)[] = []
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close()
})

async function libtorrent(level: number, dial = 0): Promise<number> {
  const port = await freePort()
  const child = new Child('/usr/bin/python3', ['-c', SCRIPT, ...[port, toHex(torrent), level, dial].map(String)])
  open.push(() => child.close())
  await child.until(() => child.lines.find(line => line === 'ready'), 20_000, 'ready')
  return port
}

/** Agrees over the socket, then reads the handshake of BEP 3 through what was agreed on. */
function converse(
  socket: TcpSocket,
  side: { push(bytes: Uint8Array): { send?: Uint8Array; done?: MseDone } },
  hello?: Uint8Array,
) {
  open.push(() => socket.close())
  return new Promise<{ cipher: string; infoHash: string }>((resolve, reject) => {
    const onClose = () => reject(new Error('hung up'))
    socket.attach({
      onDrain: () => {},
      onClose,
      onData(bytes) {
        const { send, done } = side.push(bytes)
        if (send) socket.writeMany([send])
        if (!done) return
        const { cipher, encrypt, decrypt, rest } = done
        const agreed = encrypt && decrypt ? new EncryptedSocket(socket, encrypt, decrypt) : socket
        if (hello) agreed.writeMany([hello])
        const reader = new HandshakeReader()
        const read = (more: Uint8Array) => {
          const handshake = reader.push(more)
          if (handshake) resolve({ cipher, infoHash: toHex(handshake.infoHash) })
        }
        agreed.attach({ onDrain: () => {}, onClose, onData: read })
        read(rest)
      },
    })
  })
}

test.skipIf(!hasLibtorrent).each([
  [2, 'rc4'],
  [1, 'plain'],
] as const)('libtorrent that allows level %i understands our request, and answers by %s', async (level, cipher) => {
  const port = await libtorrent(level)
  const initiator = new MseInitiator({
    ...common,
    skey: torrent,
    allow: { plain: true, rc4: true },
    initialPayload: ourHandshake,
  })
  const socket = await tcp.dial(
    { address: '127.0.0.1', port, family: 4 },
    { timeoutMs: 5000 },
    new AbortController().signal,
  )
  const result = converse(socket, initiator)
  socket.writeMany([initiator.start()])
  expect(await result).toEqual({ cipher, infoHash: toHex(torrent) })
})

test.skipIf(!hasLibtorrent).each([
  [2, 'rc4'],
  [1, 'plain'],
] as const)('libtorrent that allows level %i is understood when it dials, by %s', async (level, cipher) => {
  const index = new SkeyIndex(nodeHashes)
  index.add(torrent)
  const accepted = new Promise<TcpSocket>((resolve, reject) => {
    tcp
      .listen({ host: '127.0.0.1', port: 0 }, resolve)
      .then(listener => {
        open.push(() => listener.close())
        return libtorrent(level, listener.port)
      })
      .catch(reject)
  })
  const responder = new MseResponder({ ...common, infoHashOf: index.find, allow: { plain: true, rc4: true } })
  expect(await converse(await accepted, responder, ourHandshake)).toEqual({
    cipher,
    infoHash: toHex(torrent),
  })
})
