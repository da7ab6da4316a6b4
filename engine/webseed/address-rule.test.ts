import { expect, test } from 'vitest'
import { webSeedAddressRule } from './address-rule.ts'

const PUBLIC = '203.0.113.9'

/** Whether every hop of a way is allowed: [url, address] each. */
function isAllowed(hops: readonly (readonly [string, string])[], allowLocal = false): boolean {
  const allow = webSeedAddressRule(allowLocal)
  return hops.every(([url, address], hop) => allow({ url, address, family: address.includes(':') ? 6 : 4, hop }))
}

test('public addresses may be asked, and lead to public ones', () => {
  expect(
    isAllowed([
      ['http://a/x?y', PUBLIC],
      ['https://b/', '2001:4860::1'],
    ]),
  ).toBe(true)
})

test.each(['127.0.0.1', '10.0.0.1', '192.168.1.1', '169.254.169.254', '::1', '::ffff:127.0.0.1', 'fd00::1', '0.0.0.0'])(
  'nobody outside leads us to %s, whatever the settings',
  address => {
    expect(
      isAllowed([
        ['http://a/', PUBLIC],
        ['http://b/', address],
      ]),
    ).toBe(false)
    expect(
      isAllowed(
        [
          ['http://a/', PUBLIC],
          ['http://b/', address],
        ],
        true,
      ),
    ).toBe(false)
  },
)

test('a local web seed carries no query, unless the user allows local addresses', () => {
  expect(isAllowed([['http://nas/x', '192.168.1.2']])).toBe(true)
  expect(isAllowed([['http://nas/x?reboot=1', '192.168.1.2']])).toBe(false)
  expect(
    isAllowed([
      ['http://nas/x', '192.168.1.2'],
      ['http://nas/y?reboot=1', '192.168.1.2'],
    ]),
  ).toBe(false)
  expect(
    isAllowed([
      ['http://nas/x?a', '192.168.1.2'],
      ['http://nas/y', '192.168.1.2'],
    ]),
  ).toBe(false)
  expect(isAllowed([['http://nas/x?a', '192.168.1.2']], true)).toBe(true)
  expect(
    isAllowed([
      ['http://nas/x', '192.168.1.2'],
      ['http://a/', PUBLIC],
      ['http://nas/', '192.168.1.2'],
    ]),
  ).toBe(false)
})

test('addresses where nothing can listen, or metadata services do, are never asked', () => {
  expect(isAllowed([['http://a/', '169.254.169.254']], true)).toBe(false)
  expect(isAllowed([['http://a/', '224.0.0.1']], true)).toBe(false)
})
