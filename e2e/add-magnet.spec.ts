import { expect, test } from './fixtures/app.ts'

test('a pasted magnet link finds its files from a peer, and downloads them', async ({ app, swarm }) => {
  const { ui } = app
  const payload = swarm.payload('spring', { 'a.bin': 600_000, 'b.bin': 100_000 })
  await swarm.seed(payload)
  await ui.paste(payload.magnet)
  await ui.sheet.getByRole('button', { name: /^Add/ }).click()
  await ui.expectState(payload.name, 'Seeding')
  await ui.select(payload.name)
  await ui.tab('Files').click()
  await expect(ui.details).toContainText('a.bin')
})

test('a magnet link that nobody answers says so, and can be removed', async ({ app, swarm }) => {
  const { ui } = app
  const payload = swarm.payload('drought', { '': 100_000 })
  await ui.paste(payload.magnet)
  await ui.sheet.getByRole('button', { name: /^Add/ }).click()
  await ui.expectState(payload.name, 'Finding files: no peers yet')
})
