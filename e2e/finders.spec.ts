import { expect, test } from './fixtures/app.ts'

test('the Trackers tab says who finds peers, and who does not', async ({ app, swarm }) => {
  const { ui } = app
  const payload = swarm.payload('delta', { '': 300_000 })
  await swarm.seed(payload)
  await ui.add(payload)
  await ui.select(payload.name)
  await ui.tab('Trackers').click()
  const row = (name: string) => ui.details.getByRole('row').filter({ hasText: name })
  await expect(row('/announce')).toContainText(/Gave \d+ peer/)
  // The stories run without them, so that nobody but their own swarm is asked.
  await expect(row('DHT')).toContainText('Off in the preferences')
  await expect(row('Local network')).toContainText('Off in the preferences')
  await expect(row('Peer exchange')).toContainText('On')

  await ui.page.keyboard.press('Control+,')
  await ui.sheet.getByRole('button', { name: 'Peers & privacy' }).click()
  await ui.sheet.getByRole('switch', { name: 'Peer exchange' }).click()
  await ui.page.keyboard.press('Escape')
  await expect(row('Peer exchange')).toContainText('Off in the preferences')
})

test('a magnet without files says what it waits for and who is asked', async ({ app, swarm }) => {
  const { ui } = app
  const payload = swarm.payload('dry-bed', { '': 100_000 })
  await ui.paste(payload.magnet)
  await expect(ui.sheet).toContainText('Freshet asks 1 tracker for peers')
  await ui.sheet.getByRole('button', { name: /^Add/ }).click()
  await ui.select(payload.name)
  for (const tab of ['Files', 'Peers', 'Pieces']) {
    await ui.tab(tab).click()
    await expect(ui.details).toContainText('Waiting for the file list')
    await expect(ui.details.getByRole('list', { name: 'Asked for peers' })).toContainText('127.0.0.1')
  }
})

test('one Escape leaves a sheet, whatever help happens to be shown', async ({ app, swarm }) => {
  const { ui } = app
  const payload = swarm.payload('brook', { '': 100_000 })
  await ui.drop([{ name: 'brook.torrent', bytes: payload.torrent }])
  await ui.tabTo(ui.sheet.getByRole('button', { name: 'Other folders' }))
  await expect(ui.page.getByText('Other folders', { exact: true })).toBeVisible()
  await ui.page.keyboard.press('Escape')
  await expect(ui.sheet).toBeHidden()
})
