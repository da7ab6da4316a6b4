import { expect, test } from 'vitest'
import type { CommandName } from '#engine/api/commands.ts'
import type { Downward } from '#engine/api/messages.ts'
import { EngineError } from '#engine/base/errors.ts'
import type { Io } from '#engine/io/io.ts'
import type { Session } from '#engine/session/session.ts'
import { Dispatcher } from './dispatcher.ts'

const ID = 'ab'.repeat(20)
const ids = [ID]
const source = { kind: 'magnet', uri: 'magnet:?' }

/** A session that writes down what it is asked and answers with `answer`. */
function stage(answer: (method: string) => unknown = () => undefined) {
  const asked: string[] = []
  const logged: string[] = []
  const method = (name: string) => {
    return (...input: unknown[]) => {
      asked.push(`${name} ${JSON.stringify(input)}`)
      return answer(name)
    }
  }
  const torrent = { trackers: [['t']], pieceInfo: method('pieceInfo') }
  const methods = new Proxy({}, { get: (_, name) => method(String(name)) })
  const parts = { torrents: { require: () => torrent }, commands: methods }
  const session = new Proxy(parts, {
    get: (target, name) => (name in target ? target[name as keyof typeof target] : method(String(name))),
  }) as unknown as Session
  const io = {
    files: { space: () => Promise.resolve({ free: 1, total: 2 }) },
    log: { write: (_: string, __: string, text: string) => void logged.push(text) },
  } as unknown as Io
  const dispatcher = new Dispatcher(session, io)
  const call = async (command: CommandName, input: unknown): Promise<Downward> => {
    const answers: Downward[] = []
    await dispatcher.call({ type: 'call', call: 7, command, input }, message => answers.push(message))
    expect(answers).toHaveLength(1)
    return answers[0]!
  }
  return { asked, logged, call }
}

test.each<[CommandName, unknown, string]>([
  ['torrents.inspect', { source }, `inspect [${JSON.stringify(source)}]`],
  ['torrents.add', { source, start: false }, `add [${JSON.stringify({ source, start: false })}]`],
  ['torrents.resume', { ids }, `setIntent [["${ID}"],"run"]`],
  ['torrents.pause', { ids }, `setIntent [["${ID}"],"pause"]`],
  ['torrents.remove', { ids, data: 'keep' }, `remove [["${ID}"],"keep"]`],
  ['torrents.recheck', { ids }, `recheck [["${ID}"]]`],
  ['torrents.cancelCheck', { ids }, `cancelCheck [["${ID}"]]`],
  ['torrents.announce', { ids }, `announce [["${ID}"]]`],
  ['torrents.moveInQueue', { ids, to: 'top' }, `moveInQueue [["${ID}"],"top"]`],
  ['torrents.setLimits', { ids, down: 5 }, `setLimits [["${ID}"],5,null]`],
  ['torrents.setSequential', { ids, sequential: true }, `setSequential [["${ID}"],true]`],
  ['torrent.setFilePriorities', { id: ID, files: [1], priority: 0 }, `setFilePriorities ["${ID}",[1],0]`],
  ['torrent.setTrackers', { id: ID, tiers: [['u']] }, `setTrackers ["${ID}",[["u"]]]`],
  [
    'torrent.addPeers',
    { id: ID, peers: ['[2001:db8::7]:6881'] },
    `addPeers ["${ID}",[{"address":"2001:db8::7","port":6881,"family":6}]]`,
  ],
  ['torrent.pieceInfo', { id: ID, piece: 3 }, 'pieceInfo [3]'],
  ['torrent.export', { id: ID }, `exportTorrent ["${ID}"]`],
  ['settings.update', { changes: { limitUp: 5 } }, 'updateSettings [{"limitUp":5}]'],
])('%s reaches the session', async (command, input, asked) => {
  const { call, asked: seen } = stage()
  expect(await call(command, input)).toMatchObject({ type: 'result', call: 7 })
  expect(seen).toEqual([asked])
})

test('what the session does not know itself is answered by the host', async () => {
  const { call } = stage()
  expect(await call('torrent.getTrackers', { id: ID })).toMatchObject({ output: { tiers: [['t']] } })
  expect(await call('folders.info', { path: import.meta.dirname })).toMatchObject({ output: { exists: true, free: 1 } })
  expect(await call('folders.list', { path: import.meta.dirname })).toMatchObject({ output: { folders: [] } })
})

test.each([
  ['torrents.pause', { ids: 'x' }, 'INVALID_INPUT'],
  ['torrent.addPeers', { id: ID, peers: ['example.com:1'] }, 'INVALID_INPUT'],
  ['folders.list', { path: 'relative' }, 'INVALID_INPUT'],
  ['folders.list', { path: '/does/not/exist' }, 'DISK_MISSING'],
] as const)('%s of %j is refused with %s and a sentence', async (command, input, code) => {
  const answer = await stage().call(command, input)
  expect(answer).toMatchObject({ type: 'failure', call: 7, failure: { code } })
  expect(answer.type === 'failure' && answer.failure.message).toMatch(/ .+/)
})

test('an expected failure is told as it is, with its offset', async () => {
  const { call, logged } = stage(() => {
    throw new EngineError('BENCODE_SYNTAX', 'input', 'This is no .torrent file.', { offset: 12 })
  })
  expect(await call('torrents.inspect', { source })).toEqual({
    type: 'failure',
    call: 7,
    failure: { code: 'BENCODE_SYNTAX', message: 'This is no .torrent file.', offset: 12 },
  })
  expect(logged).toEqual([])
})

test('a bug of ours is INTERNAL; its insides go to the log and not to the face', async () => {
  const { call, logged } = stage(() => Promise.reject(new TypeError('x of undefined')))
  const answer = await call('torrents.add', { source })
  expect(answer).toMatchObject({ type: 'failure', failure: { code: 'INTERNAL' } })
  expect(JSON.stringify(answer)).not.toContain('undefined')
  expect(logged[0]).toContain('torrents.add: TypeError: x of undefined')
})

test('an answer that cannot be sent becomes a failure that can', async () => {
  const { logged } = stage()
  const session = { inspect: () => ({ files: 'many' }) } as unknown as Session
  const log = { write: (_: string, __: string, text: string) => void logged.push(text) }
  const sent: string[] = []
  await new Dispatcher(session, { log } as unknown as Io).call(
    { type: 'call', call: 1, command: 'torrents.inspect', input: { source } },
    message => {
      if (message.type === 'result') throw new Error('too long')
      sent.push(message.type)
    },
  )
  expect([sent, logged.length]).toEqual([['failure'], 1])
})
