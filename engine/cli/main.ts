import { EXIT, explain, UsageError } from './exit-codes.ts'
import { version } from '#engine/host/version.ts'

const HELP = `Freshet ${version}: a BitTorrent client

  freshet download <file.torrent|magnet|url> --out DIR [--port N] [--peer HOST:PORT]... [--seed]
          [--limit-down R] [--limit-up R] [--files GLOB]... [--sequential] [--encryption off|prefer|require]
          [--dht-node HOST:PORT]... [--no-trackers] [--no-dht] [--no-pex] [--no-lsd] [--state DIR] [--json]
  freshet seed <file.torrent> --data DIR [--port N] [--peer HOST:PORT]... [--limit-up R] [--skip-check]
          [--encryption off|prefer|require] [--dht-node HOST:PORT]... [--no-trackers] [--no-dht] [--no-pex] [--no-lsd]
          [--state DIR] [--json]
  freshet check <file.torrent> --data DIR [--json]
  freshet inspect <file.torrent|magnet> [--fetch] [--port N] [--peer HOST:PORT]... [--state DIR] [--json]
  freshet create <file or folder> [--out F] [--kind v1|v2|hybrid] [--piece-size N] [--tracker URL]... [--tier]...
          [--web-seed URL]... [--private] [--source S] [--comment C] [--exclude GLOB]... [--no-date] [--json]
  freshet headless [--port N] [--data-dir DIR] [--download-dir DIR] [--token T]
  freshet --help | --version

Rates: 500k, 2m, 1.5MiB (per second). --tier: trackers that follow are asked when those before do not answer. Exit: 0 done, 1 failed, 2 bad input, 64 wrong use, 130 interrupted.
`

/** Each verb is loaded when it is called: `inspect` starts no engine. */
const VERBS: Readonly<Record<string, () => Promise<(words: readonly string[]) => Promise<number>>>> = {
  download: async () => (await import('./download.ts')).download,
  seed: async () => (await import('./seed.ts')).seed,
  check: async () => (await import('./check.ts')).check,
  inspect: async () => (await import('./inspect.ts')).inspect,
  create: async () => (await import('./create.ts')).create,
  headless: async () => (await import('./headless.ts')).headless,
}

async function main(words: readonly string[]): Promise<number> {
  const [verb, ...rest] = words
  if (verb === '--help' || verb === '-h' || verb === 'help' || rest.includes('--help')) {
    process.stdout.write(HELP)
    return EXIT.ok
  }
  if (verb === '--version' || verb === '-v') {
    process.stdout.write(`${version}\n`)
    return EXIT.ok
  }
  const load = verb === undefined ? undefined : VERBS[verb]
  if (!load)
    throw new UsageError(
      verb === undefined ? 'What shall I do? See freshet --help.' : `There is no "${verb}". See freshet --help.`,
    )
  const run = await load()
  return run(rest)
}

main(process.argv.slice(2)).then(
  code => process.exit(code),
  (thrown: unknown) => {
    const { line, code } = explain(thrown)
    process.stderr.write(`freshet: ${line}\n`)
    process.exit(code)
  },
)
