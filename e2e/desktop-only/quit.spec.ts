import { expect, test } from '../fixtures/app.ts'

test('quitting while downloading writes down what was verified', async ({ app, swarm }) => {
  const payload = swarm.payload('ebb', { '': 3_000_000 })
  await swarm.seed(payload, { up: 500_000 })
  await app.ui.add(payload)
  await app.ui.select(payload.name)
  await app.ui.tab('Pieces').click()
  const verified = async () => Number(/(\d+) of \d+ pieces/.exec(await app.ui.details.innerText())?.[1])
  await expect.poll(verified, { timeout: 20_000 }).toBeGreaterThan(20)
  const before = await verified()
  const asked = Date.now()
  await app.quit()
  expect(Date.now() - asked).toBeLessThan(6_000)

  await app.start()
  await app.ui.select(payload.name)
  await app.ui.tab('Pieces').click()
  await expect.poll(verified).toBeGreaterThanOrEqual(before)
  await expect(app.ui.row(payload.name)).not.toContainText('Checking')
})
