import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from './fixtures/app.ts'

test('a .torrent dropped on the window shows its files, and downloads until it seeds', async ({ app, swarm }) => {
  const { ui } = app
  const payload = swarm.payload('meltwater', { 'river.bin': 1_500_000, 'notes/springs.txt': 40_000 })
  await swarm.seed(payload, { up: 400_000 })

  await ui.drop([{ name: 'meltwater.torrent', bytes: payload.torrent }])
  await expect(ui.sheet).toContainText('meltwater')
  await expect(ui.sheet).toContainText('river.bin')
  await expect(ui.sheet).toContainText('springs.txt')
  await ui.sheet.getByRole('button', { name: /^Add/ }).click()
  await expect(ui.sheet).toBeHidden()

  await ui.expectState(payload.name, 'Downloading')
  await ui.select(payload.name)
  await ui.tab('Peers').click()
  await expect(ui.details).toContainText('127.0.0.1')
  await ui.tab('Pieces').click()
  await expect(ui.details).toContainText(/[1-9]\d* of 47 pieces verified/)
  await expect(ui.row(payload.name)).toContainText(/[1-9]\d?\.\d/)

  await ui.expectState(payload.name, 'Seeding')
  await expect(ui.details).toContainText('47 of 47 pieces verified')
  for (const { path } of payload.files) {
    const [ours, theirs] = await Promise.all([
      readFile(join(app.downloads, payload.name, path)),
      readFile(join(payload.folder, payload.name, path)),
    ])
    expect(ours.equals(theirs), path).toBe(true)
  }
})
