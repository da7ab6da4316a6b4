import { defineConfig } from 'vitest/config'

const slow = [
  'engine/scenarios/**',
  'engine/interop/**',
  '**/*.loopback.test.ts',
  '**/*.scenario.test.ts',
  '**/*.interop.test.ts',
]

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          environment: 'node',
          include: ['engine/**/*.test.ts', 'electron/**/*.test.ts', '.ci/**/*.test.ts', 'bench/**/*.test.ts'],
          exclude: slow,
        },
      },
      {
        test: {
          name: 'ui',
          environment: 'happy-dom',
          include: ['renderer/**/*.test.{ts,tsx}'],
          css: { modules: { classNameStrategy: 'non-scoped' } },
        },
      },
      {
        test: {
          name: 'scenarios',
          environment: 'node',
          include: ['engine/**/*.scenario.test.ts'],
          testTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'loopback',
          environment: 'node',
          include: ['engine/**/*.loopback.test.ts'],
          testTimeout: 60_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: 'interop',
          environment: 'node',
          include: ['engine/interop/**/*.interop.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
    ],
  },
})
