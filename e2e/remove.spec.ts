import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from './fixtures/app.ts'

test.describe('a torrent is removed', () => {
  test('and its data stays', async ({ app, swarm }) => {
    const { ui } = app
    const payload = swarm.payload('lake', { 'a.bin': 200_000, 'b.bin': 50_000 })
    await swarm.seed(payload)
    await ui.add(payload)
    await ui.expectState(payload.name, 'Seeding')
    await ui.select(payload.name)
    await ui.page.keyboard.press('Delete')
    await expect(ui.sheet).toContainText(payload.name)
    await ui.sheet.getByRole('button', { name: /keep the data/i }).click()
    await expect(ui.row(payload.name)).toHaveCount(0)
    expect(existsSync(join(app.downloads, payload.name, 'a.bin'))).toBe(true)
    await app.quit()
    await app.start()
    await expect(app.ui.row(payload.name)).toHaveCount(0)
  })

  test('with its data, and files of others in its folder stay', async ({ app, swarm }) => {
    const { ui } = app
    const payload = swarm.payload('marsh', { 'a.bin': 200_000, 'below/b.bin': 50_000 })
    await swarm.seed(payload)
    await ui.add(payload)
    await ui.expectState(payload.name, 'Seeding')
    const foreign = join(app.downloads, payload.name, 'mine.txt')
    writeFileSync(foreign, 'not of this torrent')
    await ui.select(payload.name)
    await ui.page.keyboard.press('Shift+Delete')
    await ui.sheet
      .getByRole('button', { name: /delete/i })
      .last()
      .click()
    await expect(ui.row(payload.name)).toHaveCount(0)
    await expect.poll(() => existsSync(join(app.downloads, payload.name, 'a.bin'))).toBe(false)
    expect(existsSync(join(app.downloads, payload.name, 'below'))).toBe(false)
    expect(existsSync(foreign)).toBe(true)
  })
})
