import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeMessage, encodeMessage } from '#engine/api/codec.ts'
import type { CommandName } from '#engine/api/commands.ts'
import { EngineError } from '#engine/base/errors.ts'
import { parseInput, parseUpward } from './validate.ts'

const ID = 'ab'.repeat(20)

test.each<[CommandName, unknown]>([
  ['torrents.pause', { ids: [ID.toUpperCase()] }],
  ['torrents.pause', { ids: ['../../etc/passwd'] }],
  ['torrents.pause', { ids: ID }],
  ['torrents.pause', null],
  ['torrents.remove', { ids: [ID], data: 'erase' }],
  ['torrents.add', { source: { kind: 'path', path: '/etc/passwd' } }],
  ['torrents.add', { source: { kind: 'bytes', bytes: 'text' } }],
  ['torrents.add', { source: { kind: 'bytes', bytes: new Uint8Array(1) }, priorities: [[-1, 2]] }],
  ['torrents.add', { source: { kind: 'bytes', bytes: new Uint8Array(1) }, savePath: '' }],
  ['torrents.setLimits', { ids: [ID], down: -1 }],
  ['torrents.setLimits', { ids: [ID], down: 0.5 }],
  ['torrents.setLimits', { ids: [ID], down: Infinity }],
  ['torrent.setFilePriorities', { id: ID, files: [0], priority: 4 }],
  ['torrent.setFilePriorities', { id: ID, files: [2 ** 31], priority: 1 }],
  ['torrent.pieceInfo', { id: ID, piece: 1.5 }],
  ['torrent.addPeers', { id: ID, peers: ['x'.repeat(65)] }],
  ['torrents.moveInQueue', { ids: [ID], to: 'sideways' }],
  ['settings.update', { changes: { runOnCompletion: '/bin/sh' } }],
  ['settings.update', { changes: [] }],
  ['folders.list', { path: 'x'.repeat(5000) }],
])('%s refuses %j', (command, input) => {
  expect(() => parseInput(command, input)).toThrow(expect.objectContaining({ code: 'INVALID_INPUT', blame: 'input' }))
})

test('a refusal names the command, the field and what is wrong with it', () => {
  const refused = () => parseInput('torrents.pause', { ids: ['x'] })
  expect(refused).toThrow('torrents.pause was asked wrongly: ids.0: not the id of a torrent')
})

test('what no schema names does not come through', () => {
  const input = { ids: [ID], extra: 1, __proto__: { admin: true } }
  expect(parseInput('torrents.pause', input)).toEqual({ ids: [ID] })
  const changes = JSON.parse('{"changes":{"__proto__":{"limitUp":1},"limitUp":2}}') as unknown
  expect(parseInput('settings.update', changes)).toEqual({ changes: { limitUp: 2 } })
  expect(({} as Record<string, unknown>)['limitUp']).toBeUndefined()
})

test.each([
  undefined,
  null,
  7,
  'hello',
  [],
  {},
  { type: 'constructor' },
  { type: '__proto__' },
  { type: 'call', call: 1, command: 'toString', input: {} },
  { type: 'call', call: 1, command: '__proto__', input: {} },
  { type: 'call', call: 1.5, command: 'torrents.pause', input: {} },
  { type: 'watch', watch: { listHz: 1000, detail: null } },
  { type: 'watch', watch: { listHz: -1, detail: null } },
  { type: 'watch', watch: { listHz: 1, detail: { id: ID, parts: Array(6).fill('peers') } } },
  { type: 'watch', watch: { listHz: 1, detail: { id: 'x', parts: [] } } },
  { type: 'ack', seq: -1 },
])('%j is no message', message => {
  expect(parseUpward(message)).toBeUndefined()
})

function isGoodOrRefused(read: () => unknown): boolean {
  try {
    read()
    return true
  } catch (thrown) {
    return thrown instanceof EngineError && thrown.code === 'INVALID_INPUT'
  }
}

test('any value is a message or none, any input is good or INVALID_INPUT', () => {
  const command = fc.constantFrom<CommandName>('torrents.add', 'settings.update', 'torrent.setTrackers', 'folders.info')
  fc.assert(
    fc.property(fc.anything({ withNullPrototype: true, withTypedArray: true }), command, (value, name) => {
      parseUpward(value)
      parseUpward({ type: 'call', call: 1, command: value, input: value })
      return isGoodOrRefused(() => parseInput(name, value))
    }),
    { numRuns: 2_000 },
  )
})

test('bytes arrive through the codec as the bytes that the schema wants', () => {
  const message = {
    type: 'call',
    call: 1,
    command: 'torrents.inspect',
    input: { source: { kind: 'bytes', bytes: Uint8Array.of(1) } },
  }
  const read = parseUpward(decodeMessage(encodeMessage(message)))
  expect(read?.type === 'call' && parseInput('torrents.inspect', read.input)).toEqual(message.input)
})
