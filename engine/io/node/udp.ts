import { createSocket, type Socket } from 'node:dgram'
import { endpoint, type Endpoint } from '#engine/base/endpoint.ts'
import { guard } from '../guard.ts'
import type { Log } from '../log.ts'
import type { Multicast, Udp, UdpSocket } from '../udp.ts'
import { listenError } from './net-error.ts'

/** More than this waiting for the kernel: further packets are lost, as on any full link. */
const QUEUE_BYTES = 1024 * 1024
const RECEIVE_BYTES = 1024 * 1024

const nobodyWaits = () => undefined

export class NodeUdp implements Udp {
  readonly #log: Log

  constructor(log: Log) {
    this.#log = log
  }

  bind(
    at: { family: 4 | 6; host?: string; port: number; multicast?: Multicast },
    onPacket: (bytes: Uint8Array, from: Endpoint) => void,
  ): Promise<UdpSocket> {
    const socket = createSocket({
      type: at.family === 4 ? 'udp4' : 'udp6',
      ipv6Only: at.family === 6,
      reuseAddr: at.multicast !== undefined,
    })
    const host = at.host ?? (at.family === 4 ? '0.0.0.0' : '::')
    socket.on('message', (bytes, info) => {
      const from = endpoint(info.address, info.port)
      if (!from) return
      guard(
        () => onPacket(bytes, from),
        error => this.#log.write(error.blame === 'bug' ? 'error' : 'debug', 'udp', `packet dropped: ${error.message}`),
      )
    })
    return new Promise((resolve, reject) => {
      socket.once('error', thrown => {
        socket.close()
        reject(listenError(thrown, host, at.port))
      })
      socket.bind({ port: at.port, address: host }, () => {
        socket.removeAllListeners('error')
        socket.on('error', thrown => this.#log.write('debug', 'udp', thrown.message))
        try {
          if (at.multicast) takePart(socket, at.family, at.multicast)
        } catch (thrown) {
          socket.close()
          reject(listenError(thrown, host, at.port))
          return
        }
        try {
          socket.setRecvBufferSize(RECEIVE_BYTES)
        } catch {
          // The system's own size does as well.
        }
        resolve(new NodeUdpSocket(socket))
      })
    })
  }
}

function takePart(socket: Socket, family: 4 | 6, { group, via, ttl, loopback }: Multicast): void {
  // A network is named by an address of ours in it, or by its zone, which is a number on Windows and a name elsewhere.
  const network = family === 4 ? via.address : `::%${process.platform === 'win32' ? via.scope : via.name}`
  socket.setMulticastInterface(network)
  socket.setMulticastTTL(ttl)
  socket.setMulticastLoopback(loopback)
  if (group !== undefined) socket.addMembership(group, network)
}

class NodeUdpSocket implements UdpSocket {
  readonly port: number
  readonly #socket: Socket
  #isClosed = false

  constructor(socket: Socket) {
    this.#socket = socket
    this.port = socket.address().port
  }

  send(bytes: Uint8Array, to: Endpoint): void {
    if (this.#isClosed || this.#socket.getSendQueueSize() > QUEUE_BYTES) return
    // A copy: Node sends later, and the caller may reuse the bytes. The callback takes the error nobody waits for.
    this.#socket.send(Uint8Array.from(bytes), to.port, to.address, nobodyWaits)
  }

  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#socket.close()
  }
}
