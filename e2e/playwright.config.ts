import { defineConfig } from '@playwright/test'

/** The same stories three times: in a browser, in the desktop shell on a double of Electron, in Electron. */
export default defineConfig({
  testDir: '.',
  outputDir: '../test-results',
  // Every story runs an engine, a seeder and a browser.
  workers: 1,
  timeout: 60_000,
  expect: { timeout: 10_000 },
  use: { actionTimeout: 10_000, screenshot: 'only-on-failure' },
  forbidOnly: true,
  reporter: process.env.CI ? [['line'], ['json']] : [['list']],
  projects: [{ name: 'web', testIgnore: 'desktop-only/**' }, { name: 'desktop' }, { name: 'electron' }],
})
