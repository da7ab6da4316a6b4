// @ts-check
import { spawnSync } from 'node:child_process'

/** What some tests use and npm cannot bring: a probe that succeeds when it is there, Debian's package, who needs it. */
const programs = [
  { probe: 'test -x "${CHROMIUM_PATH:-/usr/bin/chromium}"', package: 'chromium', tests: 'end-to-end tests' },
  { probe: 'command -v Xvfb', package: 'xvfb', tests: 'end-to-end tests in Electron' },
  { probe: 'command -v transmission-daemon', package: 'transmission-daemon', tests: 'interop with Transmission' },
  { probe: 'command -v aria2c', package: 'aria2', tests: 'interop with aria2' },
  { probe: '/usr/bin/python3 -c "import libtorrent"', package: 'python3-libtorrent', tests: 'interop with libtorrent' },
  { probe: 'command -v opentracker', package: 'opentracker', tests: 'interop with opentracker' },
]

const missing = () => programs.filter(({ probe }) => run('bash', ['-c', probe]) !== 0)

/** @param {string} command @param {string[]} given */
const run = (command, given) =>
  spawnSync(command, given, {
    stdio: 'ignore',
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    timeout: 300_000,
  }).status

/** Installs what is missing where that is ours to do; says which tests will be skipped for want of the rest. */
export function installPrograms() {
  const wanted = missing()
  if (wanted.length > 0 && process.getuid?.() === 0 && run('bash', ['-c', 'command -v apt-get']) === 0) {
    const install = ['install', '-y', '--no-install-recommends']
    run('apt-get', ['update', '-q'])
    // One by one: a package that this Debian does not have must not keep the others away.
    for (const program of wanted) run('apt-get', [...install, program.package])
  }
  for (const { package: name, tests } of missing()) console.log(`without ${name}: ${tests} will be skipped`)
}
