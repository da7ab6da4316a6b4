import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { AxeResults } from 'axe-core'
import { expect, test, type App } from './fixtures/app.ts'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** What axe objects to in the window as it stands. Its source is evaluated: the page's policy refuses a script tag. */
async function violations({ page }: App): Promise<readonly string[]> {
  await page.evaluate(axe)
  const results = await page.evaluate(() =>
    (globalThis as unknown as { axe: { run(): Promise<AxeResults> } }).axe.run(),
  )
  return results.violations.flatMap(({ id, nodes }) => nodes.map(node => `${id}: ${node.target.join(' ')}`))
}

for (const colorScheme of ['light', 'dark'] as const) {
  test(`axe finds nothing wrong with the main views, ${colorScheme}`, async ({ app, swarm }) => {
    const { ui } = app
    await app.page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    expect(await violations(app), 'empty').toEqual([])

    const payload = swarm.payload('glacier', { 'a.bin': 2_000_000, 'b.bin': 100_000 })
    await swarm.seed(payload, { up: 200_000 })
    await ui.drop([{ name: 'glacier.torrent', bytes: payload.torrent }])
    await expect(ui.sheet).toContainText('a.bin')
    expect(await violations(app), 'add sheet').toEqual([])
    await ui.sheet.getByRole('button', { name: /^Add/ }).click()
    await ui.expectState(payload.name, 'Downloading')
    await ui.select(payload.name)
    for (const tab of ['Overview', 'Files', 'Peers', 'Trackers', 'Pieces']) {
      await ui.tab(tab).click()
      expect(await violations(app), tab).toEqual([])
    }
    await app.page.keyboard.press('Escape')
    await app.page.keyboard.press('Control+k')
    await expect(ui.sheet).toBeVisible()
    expect(await violations(app), 'palette').toEqual([])
  })
}
