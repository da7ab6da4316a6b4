import type { CommandName, Handlers, Input, Output } from '#engine/api/commands.ts'
import type { ApiFailure } from '#engine/api/failures.ts'
import type { Downward, Upward } from '#engine/api/messages.ts'
import { parseEndpoint } from '#engine/base/endpoint.ts'
import { EngineError, toEngineError } from '#engine/base/errors.ts'
import type { Io } from '#engine/io/io.ts'
import type { Session } from '#engine/session/session.ts'
import { folderInfo, listFolders } from './folders.ts'
import { parseInput } from './validate.ts'

/** One entry per command, checked complete by the compiler; what it throws becomes a failure that a face can show. */
export class Dispatcher {
  readonly #handlers: Handlers
  readonly #io: Io

  constructor(session: Session, io: Io) {
    this.#io = io
    this.#handlers = handlersOf(session, io)
  }

  /** Answers exactly once. */
  async call(message: Extract<Upward, { type: 'call' }>, answer: (message: Downward) => void): Promise<void> {
    const { call, command } = message
    try {
      const output = await this.#run(command, message.input)
      answer({ type: 'result', call, output: output ?? null })
    } catch (thrown) {
      answer({ type: 'failure', call, failure: this.#failureOf(command, thrown) })
    }
  }

  #run<C extends CommandName>(command: C, input: unknown): Promise<Output<C>> | Output<C> {
    const handler = this.#handlers[command] as (input: Input<C>) => Promise<Output<C>> | Output<C>
    return handler(parseInput(command, input))
  }

  #failureOf(command: CommandName, thrown: unknown): ApiFailure {
    const error = toEngineError(thrown)
    if (error.blame === 'bug') {
      this.#io.log.write('error', 'host', `${command}: ${error.message}`)
      return {
        code: error.code,
        message: 'Something went wrong inside Freshet. The log says what.',
      }
    }
    const { code, message, offset } = error
    return { code, message, ...(offset === undefined ? {} : { offset }) }
  }
}

const handlersOf = (session: Session, io: Io): Handlers => ({
  'torrents.inspect': ({ source }) => session.inspect(source),
  'torrents.add': input => session.add(input),
  'torrents.resume': ({ ids }) => session.commands.setIntent(ids, 'run'),
  'torrents.pause': ({ ids }) => session.commands.setIntent(ids, 'pause'),
  'torrents.remove': async ({ ids, data }) => ({ problems: await session.remove(ids, data) }),
  'torrents.recheck': ({ ids }) => session.commands.recheck(ids),
  'torrents.cancelCheck': ({ ids }) => session.commands.cancelCheck(ids),
  'torrents.announce': ({ ids }) => session.commands.announce(ids),
  'torrents.moveInQueue': ({ ids, to }) => session.commands.moveInQueue(ids, to),
  'torrents.setLimits': ({ ids, down, up }) => session.commands.setLimits(ids, down, up),
  'torrents.setSequential': ({ ids, sequential }) => session.commands.setSequential(ids, sequential),
  'torrent.setFilePriorities': ({ id, files, priority }) => session.commands.setFilePriorities(id, files, priority),
  'torrent.setTrackers': ({ id, tiers }) => session.commands.setTrackers(id, tiers),
  'torrent.getTrackers': ({ id }) => ({ tiers: session.torrents.require(id).trackers }),
  'torrent.addPeers': ({ id, peers }) => ({
    added: session.commands.addPeers(
      id,
      peers.map(text => {
        const endpoint = parseEndpoint(text)
        if (endpoint) return endpoint
        throw new EngineError(
          'INVALID_INPUT',
          'input',
          `"${text}" is not an address: write 203.0.113.7:6881 or [2001:db8::7]:6881.`,
        )
      }),
    ),
  }),
  'torrent.pieceInfo': ({ id, piece }) => session.torrents.require(id).pieceInfo(piece),
  'torrent.export': ({ id }) => session.commands.exportTorrent(id),
  'settings.update': ({ changes }) => session.updateSettings(changes),
  'folders.info': ({ path }) => folderInfo(io, path),
  'folders.list': ({ path }) => listFolders(path),
})
