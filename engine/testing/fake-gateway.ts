import { createSocket } from 'node:dgram'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A router of a test, on 127.0.0.1: what it forwards is in `mappings` as `tcp 6881 -> 6881 for 3600 s`. */
export interface FakeGateway {
  readonly port: number
  readonly mappings: Map<string, string>
  readonly asked: string[]
  close(): void
}

const NAMES: Readonly<Record<number, 'tcp' | 'udp'>> = { 6: 'tcp', 17: 'udp' }

/** Speaks NAT-PMP (RFC 6886), and PCP (RFC 6887) unless it is too old for that. */
export async function fakePmpGateway(options: {
  readonly speaks: 'pcp' | 'nat-pmp' | 'nothing'
  readonly externalAddress?: readonly [number, number, number, number]
  /** Added to the port that was wished for. */
  readonly shift?: number
  /** Result code of every mapping. */
  readonly refuse?: number
}): Promise<FakeGateway> {
  const { speaks, externalAddress = [203, 0, 113, 7], shift = 0, refuse = 0 } = options
  const mappings = new Map<string, string>()
  const asked: string[] = []
  const note = (protocol: string, internal: number, wished: number, seconds: number): number => {
    const external = wished + shift
    if (seconds === 0) mappings.delete(`${protocol} ${internal}`)
    else if (refuse === 0)
      mappings.set(`${protocol} ${internal}`, `${protocol} ${external} -> ${internal} for ${seconds} s`)
    return external
  }
  const answerPcp = (request: Buffer): Buffer => {
    const answer = Buffer.from(request.subarray(0, 60))
    asked.push(`pcp ${answer.readUInt32BE(4)}`)
    answer.fill(0, 8, 24)
    answer[1] = 0x81
    answer[3] = refuse
    const protocol = NAMES[answer[36]!]!
    answer.writeUInt16BE(note(protocol, answer.readUInt16BE(40), answer.readUInt16BE(42), answer.readUInt32BE(4)), 42)
    answer.fill(0, 44, 54).fill(0xff, 54, 56)
    answer.set(externalAddress, 56)
    return answer
  }
  const answerPmp = (request: Buffer): Buffer => {
    const opcode = request[1]!
    if (request[0] !== 0) {
      asked.push('another version')
      return Buffer.from([0, 0x80 | opcode, 0, 1, 0, 0, 0, 9])
    }
    asked.push(`nat-pmp ${opcode}`)
    if (opcode === 0) return Buffer.from([0, 0x80, 0, 0, 0, 0, 0, 9, ...externalAddress])
    const answer = Buffer.alloc(16)
    answer[1] = 0x80 | opcode
    answer.writeUInt16BE(refuse, 2)
    const [internal, wished, seconds] = [request.readUInt16BE(4), request.readUInt16BE(6), request.readUInt32BE(8)]
    answer.writeUInt16BE(internal, 8)
    answer.writeUInt16BE(note(opcode === 2 ? 'tcp' : 'udp', internal, wished, seconds), 10)
    answer.writeUInt32BE(seconds, 12)
    return answer
  }
  const socket = createSocket('udp4')
  socket.on('message', (request, from) => {
    if (speaks === 'nothing') return
    const answer = speaks === 'pcp' && request[0] === 2 ? answerPcp(request) : answerPmp(request)
    socket.send(answer, from.port, from.address)
  })
  await new Promise<void>(resolve => socket.bind(0, '127.0.0.1', resolve))
  return { port: socket.address().port, mappings, asked, close: () => socket.close() }
}

/** Answers SSDP at `port`, and SOAP at an HTTP server of its own. */
export async function fakeUpnpGateway(options: {
  /** With `{origin}` for where the server is. */
  readonly description: string
  readonly onlyPermanent?: boolean
  /** External ports that belong to somebody else. */
  readonly taken?: readonly number[]
}): Promise<FakeGateway> {
  const { description, onlyPermanent = false, taken = [] } = options
  const mappings = new Map<string, string>()
  const asked: string[] = []
  const fault = (code: number) => ({
    status: 500,
    body: `<s:Envelope><s:Body><s:Fault><detail><UPnPError><errorCode>${code}</errorCode></UPnPError></detail></s:Fault></s:Body></s:Envelope>`,
  })
  const answerSoap = (action: string, body: string): { status: number; body: string } => {
    const value = (name: string) => new RegExp(`<${name}>([^<]*)</${name}>`).exec(body)?.[1] ?? ''
    const key = `${value('NewProtocol').toLowerCase()} ${value('NewExternalPort')}`
    const done = (fields: string) => ({
      status: 200,
      body: `<s:Envelope><s:Body><u:${action}Response>${fields}</u:${action}Response></s:Body></s:Envelope>`,
    })
    asked.push(action)
    switch (action) {
      case 'GetExternalIPAddress':
        return done('<NewExternalIPAddress>198.51.100.4</NewExternalIPAddress>')
      case 'AddPortMapping':
        if (onlyPermanent && value('NewLeaseDuration') !== '0') return fault(725)
        if (taken.includes(Number(value('NewExternalPort')))) return fault(718)
        mappings.set(
          key,
          `${key} -> ${value('NewInternalClient')}:${value('NewInternalPort')} for ${value('NewLeaseDuration')} s`,
        )
        return done('')
      case 'DeletePortMapping':
        return mappings.delete(key) ? done('') : fault(714)
      case 'AddPinhole': {
        const id = String(mappings.size)
        mappings.set(id, `pinhole ${value('Protocol')} [${value('InternalClient')}]:${value('InternalPort')}`)
        return done(`<UniqueID>${id}</UniqueID>`)
      }
      case 'UpdatePinhole':
        return mappings.has(value('UniqueID')) ? done('') : fault(704)
      case 'DeletePinhole':
        return mappings.delete(value('UniqueID')) ? done('') : fault(704)
      default:
        return fault(401)
    }
  }
  const server = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      const action = /#(\w+)"$/.exec(String(request.headers['soapaction'] ?? ''))?.[1]
      const answer =
        request.method === 'POST' && action !== undefined
          ? answerSoap(action, Buffer.concat(parts).toString())
          : { status: 200, body: description.replaceAll('{origin}', origin) }
      response.writeHead(answer.status, { 'Content-Type': 'text/xml' }).end(answer.body)
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const socket = createSocket('udp4')
  socket.on('message', (request, from) => {
    const target = /^ST: (.*)\r$/m.exec(request.toString())?.[1]
    const answer = `HTTP/1.1 200 OK\r\nCACHE-CONTROL: max-age=120\r\nST: ${target}\r\nLOCATION: ${origin}/root.xml\r\n\r\n`
    socket.send(answer, from.port, from.address)
  })
  await new Promise<void>(resolve => socket.bind(0, '127.0.0.1', resolve))
  const close = () => {
    socket.close()
    server.close()
    server.closeAllConnections()
  }
  return { port: socket.address().port, mappings, asked, close }
}

/** A description with one service, controlled at `control`. */
export const igdDescription = (control: string, extra = ''): string => `<?xml version="1.0"?>
<root xmlns="urn:schemas-upnp-org:device-1-0"><device><deviceList><device><serviceList>${extra}<service>
<serviceType>urn:schemas-upnp-org:service:WANIPConnection:1</serviceType><controlURL>${control}</controlURL>
</service></serviceList></device></deviceList></device></root>`
