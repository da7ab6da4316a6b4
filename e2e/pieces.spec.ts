import { expect, test } from './fixtures/app.ts'

test('the piece map tells about each piece, and is walked with the arrow keys', async ({ app, swarm }) => {
  const { ui } = app
  const payload = swarm.payload('mosaic', { 'a.bin': 640_000, 'b.bin': 640_000 })
  await swarm.seed(payload, { up: 200_000 })
  await ui.add(payload)
  await ui.select(payload.name)
  await ui.tab('Pieces').click()
  await expect(ui.details).toContainText('of 40 pieces verified')
  const map = ui.details.getByRole('slider', { name: 'Piece' })
  await map.focus()
  await ui.page.keyboard.press('ArrowRight')
  await expect(map).toHaveAttribute('aria-valuenow', '1')
  await ui.page.keyboard.press('Control+End')
  await expect(map).toHaveAttribute('aria-valuenow', '39')
  await expect(ui.details).toContainText('b.bin')
  await expect(ui.details).toContainText('40 of 40 pieces verified', { timeout: 30_000 })
})
