import { expect, test } from './fixtures/app.ts'

test('after a crash midway the list is whole and downloads go on from where they were', async ({ app, swarm }) => {
  const payload = swarm.payload('torrent-of-spring', { 'a.bin': 3_000_000, 'b.bin': 500_000 })
  const resting = swarm.payload('still-water', { '': 300_000 })
  await swarm.seed(payload, { up: 500_000 })
  await app.ui.add(resting)
  await app.ui.add(payload)
  await app.ui.select(payload.name)
  await app.ui.tab('Pieces').click()
  const verified = async () => Number(/(\d+) of \d+ pieces/.exec(await app.ui.details.innerText())?.[1])
  await expect.poll(verified, { timeout: 20_000 }).toBeGreaterThan(30)
  // What was verified is written down within seconds, not at once.
  await app.page.waitForTimeout(2_000)
  await app.kill()

  await app.start()
  await expect(app.ui.row(resting.name)).toBeVisible()
  await expect(app.ui.row(payload.name)).toBeVisible()
  await expect(app.ui.row(payload.name)).not.toContainText('Checking')
  await app.ui.select(payload.name)
  await app.ui.tab('Pieces').click()
  await expect.poll(verified).toBeGreaterThan(10)
  await app.ui.expectState(payload.name, 'Seeding')
})
