import { expect, test } from '../fixtures/app.ts'
import type { PageWorld } from '../fixtures/page-world.ts'

test('the page has the shell and no Node', async ({ app }) => {
  const names = await app.page.evaluate(() => {
    const page = globalThis as unknown as Record<string, unknown>
    return ['require', 'process', 'Buffer', 'module', 'electron', 'ipcRenderer'].filter(
      name => page[name] !== undefined,
    )
  })
  expect(names).toEqual([])
  expect(await app.page.evaluate(() => typeof (globalThis as unknown as { shell: unknown }).shell)).toBe('object')
})

test('links, files and new windows lead nowhere', async ({ app }) => {
  const address = app.page.url()
  await app.page.evaluate(() => {
    const page = globalThis as unknown as PageWorld
    page.location.href = 'https://example.org/'
  })
  await app.page.waitForTimeout(300)
  expect(app.page.url()).toBe(address)
  const opened = app.page
    .context()
    .waitForEvent('page', { timeout: 1_000 })
    .catch(() => undefined)
  await app.page.evaluate(() => void (globalThis as unknown as PageWorld).open('https://example.org/'))
  await expect.poll(async () => (await opened)?.isClosed() ?? true).toBe(true)
})
