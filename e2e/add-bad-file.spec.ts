import { expect, test } from './fixtures/app.ts'

const text = (words: string) => new TextEncoder().encode(words)

for (const [what, bytes] of [
  ['is not a torrent at all', text('a shopping list')],
  ['is empty', text('')],
  ['is cut off', text('d4:infod6:lengthi5e4:name3:abc')],
  ['has no info dictionary', text('d8:announce3:abce')],
] as const) {
  test(`a file that ${what} gets one clear line, and nothing changes`, async ({ app }) => {
    const { ui } = app
    await ui.drop([{ name: 'odd.torrent', bytes }])
    await expect(ui.page.getByText(/odd\.torrent/).first()).toBeVisible()
    await ui.page.keyboard.press('Escape')
    await expect(ui.sheet).toBeHidden()
    await expect(ui.page.getByText(/paste a magnet link/i)).toBeVisible()
  })
}
