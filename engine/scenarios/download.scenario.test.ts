import { expect, test } from 'vitest'
import { SimSwarm } from '#engine/testing/swarm.ts'

test('a leech gets everything from one seed, byte for byte', async () => {
  const swarm = new SimSwarm(1)
  await swarm.seeder()
  const leech = await swarm.leech()
  await swarm.until(() => swarm.everybodyHasAll(), 30)
  expect(swarm.isIdentical(leech)).toBe(true)
  expect(leech.notices.map(notice => notice.kind)).toEqual(['finished'])
})
