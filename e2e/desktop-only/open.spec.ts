import { relative } from 'node:path'
import { expect, test } from '../fixtures/app.ts'

test('a file on the command line is offered for adding once the window is there', async ({ stopped: app, swarm }) => {
  const payload = swarm.payload('opened', { '': 100_000 })
  await app.start([payload.torrentPath])
  await expect(app.ui.sheet).toContainText('opened')
})

test('a second start hands its files and links to the first, relative to its own folder', async ({ app, swarm }) => {
  const { ui } = app
  const file = swarm.payload('by-path', { '': 100_000 })
  const link = swarm.payload('by-link', { '': 100_000 })
  await app.host.startAgain?.([relative(file.folder, file.torrentPath)], file.folder)
  await expect(ui.sheet).toContainText('by-path')
  await ui.sheet.getByRole('button', { name: /^Add/ }).click()
  await expect(ui.row('by-path')).toBeVisible()
  await app.host.startAgain?.([link.magnet], '/')
  await expect(ui.sheet).toContainText('by-link')
})

test('a file that cannot be read is named, and nothing else happens', async ({ app }) => {
  await app.host.startAgain?.(['nowhere.torrent'], '/')
  await expect(app.page.getByText(/nowhere\.torrent/).first()).toBeVisible()
})
