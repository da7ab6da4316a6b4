import { expect, test } from 'vitest'
import { quitGracefully } from './quit.ts'

function start(shutdown: () => Promise<void>) {
  const seen: string[] = []
  let ask = () => {}
  quitGracefully(
    {
      exit: code => void seen.push(`exit ${code}`),
      on: (_event, listener) => {
        ask = () => listener({ preventDefault: () => seen.push('prevented') })
      },
    },
    () => seen.push('hidden'),
    async ({ deadlineMs }) => {
      seen.push(`shutdown within ${deadlineMs}`)
      await shutdown()
      seen.push('flushed')
    },
  )
  return { seen, ask: () => ask() }
}

test('quitting waits for the engine', async () => {
  const { seen, ask } = start(() => Promise.resolve())
  ask()
  await new Promise(setImmediate)
  expect(seen).toEqual(['prevented', 'hidden', 'shutdown within 5000', 'flushed', 'exit 0'])
})

test('asking again ends the wait', () => {
  const { seen, ask } = start(() => new Promise(() => {}))
  ask()
  ask()
  expect(seen).toEqual(['prevented', 'hidden', 'shutdown within 5000', 'prevented', 'exit 1'])
})
