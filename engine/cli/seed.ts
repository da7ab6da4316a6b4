import { resolve } from 'node:path'
import { NETWORK_OPTIONS, networkOf, parseArguments, rateOf } from './args.ts'
import { EXIT, UsageError } from './exit-codes.ts'
import { Face } from './face.ts'
import { plain } from './format.ts'
import { interrupted } from './interrupt.ts'
import { Output } from './output.ts'
import { readSource } from './source.ts'

/** `freshet seed`: serves data that is there, until interrupted. What is missing is fetched, if somebody has it. */
export async function seed(words: readonly string[]): Promise<number> {
  const args = parseArguments(
    words,
    { ...NETWORK_OPTIONS, data: { type: 'string' }, 'skip-check': { type: 'boolean' }, 'limit-up': { type: 'string' } },
    1,
  )
  const data = args.text('data')
  if (data === undefined) throw new UsageError('Where is the data? Name its folder with --data DIR.')
  const source = await readSource(args.positionals[0]!)
  const savePath = resolve(data)
  const output = new Output(args.flag('json'))
  const network = networkOf(args)
  const face = await Face.open({
    stateDir: args.text('state'),
    downloadFolder: savePath,
    ...network,
    settings: {
      ...network.settings,
      limitUp: rateOf(args.text('limit-up')) ?? 0,
    },
  })
  const stop = interrupted()
  try {
    const serving = (async (): Promise<number> => {
      const { id } = await face.client.call('torrents.add', {
        source,
        savePath,
        start: true,
        skipCheck: args.flag('skip-check'),
      })
      await face.client.call('torrents.resume', { ids: [id] })
      const peers = args.all('peer')
      if (peers.length > 0) await face.client.call('torrent.addPeers', { id, peers })
      const isServing = (): boolean =>
        ['seeding', 'downloading', 'stalled', 'error'].includes(face.rows.get(id)?.status ?? '')
      await face.until(() => isServing() && face.session !== undefined)
      const row = face.rows.get(id)!
      if (row.status === 'error') {
        output.warn(`${row.error?.code}: ${row.error?.message}`)
        return EXIT.failed
      }
      output.event({ event: 'ready', id, port: face.session?.listenPort ?? 0, complete: row.status === 'seeding' })
      output.say(
        `Serving ${plain(row.name)} on port ${face.session?.listenPort}${row.status === 'seeding' ? '' : ', though it is not complete'}`,
      )
      const timer = setInterval(() => {
        const now = face.rows.get(id)
        const stats = face.stats.get(id)
        if (now && stats) output.progress(now, stats)
      }, 1000)
      await face.until(() => face.rows.get(id)?.status === 'error')
      clearInterval(timer)
      output.warn(`${face.rows.get(id)?.error?.code}: ${face.rows.get(id)?.error?.message}`)
      return EXIT.failed
    })()
    return (await Promise.race([serving, stop])) === EXIT.failed ? EXIT.failed : EXIT.interrupted
  } finally {
    await face.close()
  }
}
