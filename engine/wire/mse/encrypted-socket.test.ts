import { expect, test } from 'vitest'
import { concat, utf8 } from '#engine/base/bytes.ts'
import { EngineError } from '#engine/base/errors.ts'
import type { TcpHandler, TcpSocket } from '#engine/io/tcp.ts'
import { EncryptedSocket } from './encrypted-socket.ts'
import { Rc4 } from './rc4.ts'

function fakeSocket() {
  const written: Uint8Array[] = []
  const calls: string[] = []
  let handler: TcpHandler | undefined
  const socket: TcpSocket = {
    remote: { address: '192.0.2.1', port: 1, family: 4 },
    local: { address: '192.0.2.2', port: 2, family: 4 },
    unsent: 42,
    attach: given => void (handler = given),
    writeMany: chunks => void written.push(...chunks),
    pause: () => void calls.push('pause'),
    resume: () => void calls.push('resume'),
    close: () => void calls.push('close'),
  }
  return { socket, written, calls, handler: () => handler! }
}

const cipher = (name: string) => new Rc4(utf8(name))

test('encrypts what is written into one chunk, and leaves the chunks as they were', () => {
  const { socket, written } = fakeSocket()
  const encrypted = new EncryptedSocket(socket, cipher('out'), cipher('in'))
  const chunks = [utf8('head'), utf8(''), utf8('a stretch of the cache')]
  encrypted.writeMany(chunks)
  encrypted.writeMany([])
  encrypted.writeMany([utf8('!')])
  expect(chunks.map(chunk => chunk.length)).toEqual([4, 0, 22])
  expect(chunks[2]).toEqual(utf8('a stretch of the cache'))
  expect(written.map(chunk => chunk.length)).toEqual([26, 1])
  const sent = concat(written)
  cipher('out').apply(sent)
  expect(sent).toEqual(utf8('heada stretch of the cache!'))
})

test('decrypts what is read, across owners, and passes everything else on', () => {
  const { socket, calls, handler } = fakeSocket()
  const encrypted = new EncryptedSocket(socket, cipher('out'), cipher('in'))
  const heard: unknown[] = []
  const owner = (name: string): TcpHandler => ({
    onData: bytes => heard.push([name, new TextDecoder().decode(bytes)]),
    onDrain: () => heard.push([name, 'drain']),
    onClose: error => heard.push([name, error?.code]),
  })
  const theirs = cipher('in')
  const arrive = (text: string) => {
    const bytes = utf8(text)
    theirs.apply(bytes)
    handler().onData(bytes)
  }
  encrypted.attach(owner('first'))
  arrive('one')
  encrypted.attach(owner('second'))
  arrive('two')
  handler().onDrain()
  handler().onClose(new EngineError('PEER_CLOSED', 'network', 'gone'))
  encrypted.pause()
  encrypted.resume()
  encrypted.close()
  expect(heard).toEqual([
    ['first', 'one'],
    ['second', 'two'],
    ['second', 'drain'],
    ['second', 'PEER_CLOSED'],
  ])
  expect(calls).toEqual(['pause', 'resume', 'close'])
  expect([encrypted.unsent, encrypted.remote, encrypted.local]).toEqual([42, socket.remote, socket.local])
})
