import { expect, test } from './fixtures/app.ts'

test('the list is narrowed by state and by words, and sorted by a click', async ({ app, swarm }) => {
  const { ui } = app
  const small = swarm.payload('alder', { '': 100_000 })
  const large = swarm.payload('birch', { '': 900_000 })
  const alone = swarm.payload('cedar', { '': 300_000 })
  await swarm.seed(small)
  await swarm.seed(large)
  for (const payload of [small, large, alone]) await ui.add(payload)
  for (const { name } of [small, large]) await ui.expectState(name, 'Seeding')

  await ui.filter('Seeding').click()
  await expect(ui.row('cedar')).toHaveCount(0)
  await expect(ui.row('alder')).toBeVisible()
  await ui.filter('All').click()
  await expect(ui.row('cedar')).toBeVisible()

  await ui.query.fill('bir')
  await expect(ui.row('birch')).toBeVisible()
  await expect(ui.row('alder')).toHaveCount(0)
  await ui.query.fill('nothing is called this')
  await expect(ui.row('birch')).toHaveCount(0)
  await ui.query.fill('')

  const bySize = ui.list.getByRole('columnheader', { name: 'Size' })
  await bySize.getByRole('button').click()
  await expect(bySize).toHaveAttribute('aria-sort', /ending/)
  const first = await ui.names()
  await bySize.getByRole('button').click()
  await expect.poll(async () => (await ui.names()).join()).toBe([...first].reverse().join())
  expect([...first].sort()).toEqual(['alder', 'birch', 'cedar'])
})
