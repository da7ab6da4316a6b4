import { expect, test } from './fixtures/app.ts'
import type { PageWorld } from './fixtures/page-world.ts'

test('a torrent is added, watched, paused, found and removed without a mouse', async ({ app, swarm }) => {
  const { ui } = app
  const { keyboard } = ui.page
  const payload = swarm.payload('keys', { 'a.bin': 1_500_000, 'b.bin': 10_000 })
  await swarm.seed(payload, { up: 300_000 })

  await keyboard.press('Control+u')
  await expect(ui.sheet).toBeVisible()
  await keyboard.insertText(payload.magnet)
  await keyboard.press('Enter')
  const add = ui.sheet.getByRole('button', { name: /^Add/ })
  await ui.tabTo(add)
  await keyboard.press('Enter')
  await expect(ui.row(payload.name)).toBeVisible()

  await ui.list.getByRole('row', { selected: false }).first().waitFor()
  for (let presses = 0; presses < 10; presses++) {
    const isThere = (list: { contains(other: unknown): boolean }) =>
      list.contains((globalThis as unknown as PageWorld).document.activeElement)
    if (await ui.list.evaluate(isThere)) break
    await keyboard.press('F6')
  }
  await keyboard.press('Home')
  await expect(ui.row(payload.name)).toBeFocused()
  await keyboard.press('Control+p')
  await ui.expectState(payload.name, 'Paused')
  await keyboard.press('Control+p')
  await ui.expectState(payload.name, 'Downloading')

  await keyboard.press('Control+f')
  await expect(ui.query).toBeFocused()
  await keyboard.insertText('key')
  await keyboard.press('Escape')
  await expect(ui.row(payload.name)).toBeFocused()
  await keyboard.press('Delete')
  await expect(ui.sheet).toBeVisible()
  await keyboard.press('Escape')
  await expect(ui.sheet).toBeHidden()
  await expect(ui.row(payload.name)).toBeFocused()
})
