import { expect, test } from './fixtures/app.ts'

test('a paused torrent rests until it is resumed', async ({ app, swarm }) => {
  const { ui } = app
  const payload = swarm.payload('brook', { '': 2_000_000 })
  await swarm.seed(payload, { up: 300_000 })
  await ui.add(payload)
  await ui.expectState(payload.name, 'Downloading')
  await ui.select(payload.name)

  await ui.button('Pause').first().click()
  await ui.expectState(payload.name, 'Paused')
  // Its rate is a mean over the last seconds.
  await expect(ui.row(payload.name)).not.toContainText('/s')
  const resting = await ui.row(payload.name).innerText()
  await ui.page.waitForTimeout(1_500)
  expect(await ui.row(payload.name).innerText()).toBe(resting)

  await ui.button('Resume').first().click()
  await ui.expectState(payload.name, 'Seeding')
})

test('what was paused stays paused after a restart', async ({ app, swarm }) => {
  const payload = swarm.payload('pond', { '': 1_000_000 })
  await app.ui.add(payload)
  await app.ui.select(payload.name)
  await app.ui.button('Pause').first().click()
  await app.ui.expectState(payload.name, 'Paused')
  await app.quit()
  await app.start()
  await app.ui.expectState(payload.name, 'Paused')
})
