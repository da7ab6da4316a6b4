import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from './fixtures/app.ts'

test('a file that is not ticked when adding is not downloaded', async ({ app, swarm }) => {
  const { ui } = app
  const payload = swarm.payload('delta', { 'wanted.bin': 640_000, 'skipped.bin': 640_000 })
  await swarm.seed(payload)
  await ui.drop([{ name: 'delta.torrent', bytes: payload.torrent }])
  await ui.sheet.getByRole('row').filter({ hasText: 'skipped.bin' }).getByRole('checkbox').click()
  await ui.sheet.getByRole('button', { name: /^Add/ }).click()
  await ui.expectState(payload.name, 'Seeding')

  const skipped = join(app.downloads, payload.name, 'skipped.bin')
  expect(statSync(join(app.downloads, payload.name, 'wanted.bin')).size).toBe(640_000)
  expect(existsSync(skipped) ? statSync(skipped).blocks : 0).toBe(0)

  await ui.select(payload.name)
  await ui.tab('Files').click()
  await ui.details.getByRole('row').filter({ hasText: 'skipped.bin' }).getByRole('checkbox').click()
  await expect
    .poll(() => existsSync(skipped) && statSync(skipped).blocks * 512 >= 640_000, { timeout: 20_000 })
    .toBe(true)
  await ui.expectState(payload.name, 'Seeding')
})
