// @ts-check
/**
 * `npm run screenshots`: photographs the real app for README and docs: the headless host with a private swarm on this
 * computer, in Chromium, light and dark. Writes docs/screenshots/*.png; takes about two minutes.
 */
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium } from 'playwright'
import { runnerImport } from 'vite'
import { buildWhatIsStale } from './build.mjs'

const root = join(import.meta.dirname, '..')
const target = join(root, 'docs/screenshots')
const MiB = 1024 * 1024

/** name → files; what each swarm holds. */
const PAYLOADS = {
  'Silent Film Shorts 1902–1929': {
    '1902–1912 Georges Méliès/A Trip to the Moon (1902), hand-coloured restoration.mkv': 42 * MiB,
    '1902–1912 Georges Méliès/The Impossible Voyage (1904), tinted, full length.mkv': 31 * MiB,
    '1916–1922 Slapstick/One Week (1920), scan of the camera negative.mkv': 55 * MiB,
    '1916–1922 Slapstick/The Rink (1916), new score.mkv': 24 * MiB,
    'Booklet with essays and restoration notes (72 pages).pdf': 9 * MiB,
    'Checksums and licence statements.txt': 14_000,
  },
  'alps-2026-11-16.osm.pbf': { '': 120 * MiB },
  '江戸名所図会 全七巻（国立国会図書館）高精細版': { '巻一.pdf': 30 * MiB, '巻二.pdf': 28 * MiB },
  'Field recordings of European rivers, volume 3': {
    'Isar.flac': 26 * MiB,
    'Soča.flac': 31 * MiB,
    'Vjosa.flac': 40 * MiB,
  },
  'Walden, read by volunteers.zip': { '': 64 * MiB },
  'era5-hourly-2m-temperature-2025-q3.nc': { '': 90 * MiB },
  'Mathematical tables and slide rules, scanned 1890–1960, with an index of makers and models (second, corrected edition)':
    { 'scans.tar': 48 * MiB, 'index.csv': 300_000 },
  'linux-source-7.1.tar.xz': { '': 36 * MiB },
}

const sleep = (/** @type {number} */ ms) => new Promise(resolve => setTimeout(resolve, ms))

/** @param {string} dataDir @param {string} downloadDir */
async function startHost(dataDir, downloadDir) {
  mkdirSync(dataDir, { recursive: true })
  // The swarm is on this computer: nobody else is asked for anything. A free port keeps the status bar calm.
  const settings = { dht: false, lsd: false, portMapping: false, listenPort: 52_431 }
  writeFileSync(join(dataDir, 'settings.json'), JSON.stringify(settings))
  const host = spawn(
    process.execPath,
    [join(root, 'dist/node/cli.js'), 'headless', '--data-dir', dataDir, '--download-dir', downloadDir],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  const address = await new Promise(resolve => {
    host.stdout.on('data', text => {
      const found = /http:\/\/\S+/.exec(String(text))
      if (found) resolve(found[0])
    })
  })
  return { host, address: String(address) }
}

buildWhatIsStale()
mkdirSync(target, { recursive: true })
const folder = mkdtempSync(join(tmpdir(), 'freshet-shots-'))
const load = async (/** @type {string} */ file) =>
  (await runnerImport(file, { configFile: false, logLevel: 'error' })).module
const { Swarm } = /** @type {typeof import('../e2e/fixtures/swarm.ts')} */ (await load('./e2e/fixtures/swarm.ts'))
const swarm = await Swarm.start(join(folder, 'swarm'))
const { host, address } = await startHost(join(folder, 'state'), join(folder, 'Downloads'))
const browser = await chromium.launch({
  executablePath: [process.env.CHROMIUM_PATH, '/usr/bin/chromium'].find(path => path && existsSync(path)),
  args: [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-sync',
  ],
})

try {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, colorScheme: 'light' })
  const page = await context.newPage()
  await page.goto(address)
  await page.getByRole('button', { name: 'Paste link' }).waitFor()

  /** @param {string} name */
  const shoot = async name => {
    for (const colorScheme of /** @type {const} */ (['light', 'dark'])) {
      await page.emulateMedia({ colorScheme })
      await sleep(400)
      await page.screenshot({ path: join(target, `${name}-${colorScheme}.png`) })
    }
    await page.emulateMedia({ colorScheme: 'light' })
  }
  /** @param {readonly { name: string, bytes: Uint8Array }[]} files */
  const drop = async files => {
    const data = await page.evaluateHandle(
      given => {
        const transfer = new DataTransfer()
        for (const { name, bytes } of given) transfer.items.add(new File([new Uint8Array(bytes)], name))
        return transfer
      },
      files.map(({ name, bytes }) => ({ name, bytes: [...bytes] })),
    )
    await page.dispatchEvent('body', 'dragenter', { dataTransfer: data })
    await page.dispatchEvent('body', 'dragover', { dataTransfer: data })
    await page.dispatchEvent('body', 'drop', { dataTransfer: data })
  }

  await shoot('empty')
  await drop([{ name: 'holiday-photo.torrent', bytes: new TextEncoder().encode('this is no torrent at all') }])
  await sleep(800)
  await shoot('error')
  await page.keyboard.press('Escape')

  const payloads = Object.entries(PAYLOADS).map(([name, files]) =>
    swarm.payload(name, files, name.startsWith('Silent') ? 262_144 : MiB),
  )
  const [films, map, edo, rivers, walden, era, tables, linux] = payloads
  if (!films || !map || !edo || !rivers || !walden || !era || !tables || !linux) throw new Error('a payload is missing')
  await Promise.all([
    swarm.seed(films, { up: 1.1 * MiB }),
    swarm.seed(films, { up: 0.5 * MiB }),
    swarm.seed(films, {
      up: 0.7 * MiB,
      folder: swarm.part(films, [
        '1916–1922 Slapstick/The Rink (1916), new score.mkv',
        '1902–1912 Georges Méliès/The Impossible Voyage (1904), tinted, full length.mkv',
      ]),
    }),
    swarm.seed(map, { up: 1.9 * MiB }),
    swarm.seed(edo, { up: 0.6 * MiB }),
    swarm.seed(rivers),
    swarm.seed(walden),
    swarm.seed(tables, { up: 0.2 * MiB }),
  ])
  await drop([{ name: 'silent-film-shorts.torrent', bytes: readFileSync(films.torrentPath) }])
  await page
    .getByRole('dialog')
    .getByRole('button', { name: /^Add \d/ })
    .waitFor()
  await shoot('add')
  await page
    .getByRole('dialog')
    .getByRole('button', { name: /^Add \d/ })
    .click()
  await drop(
    payloads.slice(1).map(payload => ({ name: `${payload.name}.torrent`, bytes: readFileSync(payload.torrentPath) })),
  )
  const addMany = page.getByRole('dialog').getByRole('button', { name: /^Add \d/ })
  await addMany.waitFor()
  await sleep(600)
  await shoot('add-many')
  await addMany.click()
  await page.getByRole('row', { name: /Silent Film/ }).waitFor()
  await page.getByRole('row', { name: /era5/ }).click()
  await page.getByRole('button', { name: 'Pause', exact: true }).click()
  await page.getByRole('row', { name: /Silent Film/ }).click()
  await page.getByRole('tab', { name: 'Pieces' }).click()
  await sleep(30_000)
  for (const tab of ['Overview', 'Files', 'Peers', 'Trackers', 'Pieces']) {
    await page.getByRole('tab', { name: tab }).click()
    await sleep(1500)
    await shoot(tab.toLowerCase())
  }
  await page.getByRole('button', { name: 'Close details' }).click()
  await sleep(500)
  await shoot('list')
  await page.keyboard.press('Control+,')
  await page.getByRole('dialog').waitFor()
  await shoot('settings')
  await page.keyboard.press('Escape')
  await page.setViewportSize({ width: 900, height: 600 })
  await sleep(600)
  await shoot('small')
  console.log(`docs/screenshots: ${target} is up to date`)
} finally {
  await browser.close()
  host.kill('SIGTERM')
  await new Promise(resolve => host.on('exit', resolve))
  await swarm.stop()
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
}
