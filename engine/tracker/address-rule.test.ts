import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { addressClass } from '#engine/base/address-class.ts'
import { sharedData } from '#engine/testing/shared-data.ts'
import { trackerAddressRule } from './address-rule.ts'
import { maskUrl } from './mask.ts'
import { trackerUrl } from './tracker-url.ts'

const path = sharedData('vectors/urls-ssrf.json')
interface Vectors {
  blocked_schemes: string[]
  loopback_forms: string[]
  private_forms: string[]
}
const vectors: Vectors = path
  ? (JSON.parse(readFileSync(path, 'utf8')) as Vectors)
  : { blocked_schemes: [], loopback_forms: [], private_forms: [] }

/** What DNS says about names in the vectors. */
const resolve = (host: string) => (/localhost|nip\.io/.test(host) ? '127.0.0.1' : host)
const rule = (url: string, permission = { byUser: false, allowLocal: false }) =>
  trackerAddressRule(trackerUrl(url)!, permission)

test.skipIf(!path)('URLs of other schemes and of ambiguous spelling are no trackers', () => {
  expect(vectors.blocked_schemes.filter(url => trackerUrl(url))).toEqual([])
})

test.skipIf(!path)('no spelling of a local address gets by', () => {
  const passing = [...vectors.loopback_forms, ...vectors.private_forms].filter(url => {
    const tracker = trackerUrl(url)
    return tracker && rule(url)({ url, address: resolve(tracker.host), family: 4, hop: 0 })
  })
  expect(passing).toEqual([])
})

test.each([
  ['203.0.113.1', 'public'],
  ['100.128.0.1', 'public'],
  ['172.32.0.1', 'public'],
  ['2001:db8::1', 'public'],
  ['127.8.8.8', 'local'],
  ['10.1.2.3', 'local'],
  ['100.64.0.1', 'local'],
  ['192.168.1.1', 'local'],
  ['fd00::1', 'local'],
  ['::1', 'local'],
  ['::ffff:127.0.0.1', 'local'],
  ['::127.0.0.1', 'local'],
  ['64:ff9b::10.0.0.1', 'local'],
  ['2002:7f00:1::', 'local'],
  ['0.0.0.0', 'forbidden'],
  ['169.254.169.254', 'forbidden'],
  ['::ffff:169.254.169.254', 'forbidden'],
  ['fe80::1', 'forbidden'],
  ['ff02::1', 'forbidden'],
  ['224.0.0.1', 'forbidden'],
  ['255.255.255.255', 'forbidden'],
  ['::', 'forbidden'],
  ['tracker.example', 'forbidden'],
])('%s is %s', (address, kind) => {
  expect(addressClass(address)).toBe(kind)
})

test('a local tracker in a .torrent works when it can hardly be anything else', () => {
  const local = { url: '', address: '127.0.0.1', family: 4, hop: 0 } as const
  expect(rule('http://127.0.0.1:6969/announce')(local)).toBe(true)
  expect(rule('udp://127.0.0.1:6969/announce')(local)).toBe(true)
  expect(rule('http://127.0.0.1/announce.php')(local)).toBe(true)
  expect(rule('http://127.0.0.1:9091/transmission/rpc')(local)).toBe(false)
  expect(rule('http://127.0.0.1/announce?cmd=x')(local)).toBe(false)
  expect(rule('http://127.0.0.1/')(local)).toBe(false)
  expect(rule('udp://127.0.0.1:53')(local)).toBe(false)
})

test('the user and the setting may allow local trackers, never what cannot be one', () => {
  const url = 'http://127.0.0.1/x?y=z'
  for (const permission of [
    { byUser: true, allowLocal: false },
    { byUser: false, allowLocal: true },
  ]) {
    expect(rule(url, permission)({ url, address: '192.168.1.2', family: 4, hop: 0 })).toBe(true)
    expect(rule(url, permission)({ url, address: '169.254.169.254', family: 4, hop: 0 })).toBe(false)
  }
})

test('no redirect leads from outside to a local address, whoever named the tracker', () => {
  const allow = rule('http://tracker.example/announce', { byUser: true, allowLocal: true })
  expect(allow({ url: 'http://tracker.example/announce', address: '203.0.113.1', family: 4, hop: 0 })).toBe(true)
  expect(allow({ url: 'http://other.example/announce', address: '203.0.113.2', family: 4, hop: 1 })).toBe(true)
  expect(allow({ url: 'http://127.0.0.1/announce', address: '127.0.0.1', family: 4, hop: 2 })).toBe(false)
})

test('a local tracker redirects to local trackers only', () => {
  const allow = rule('http://127.0.0.1/announce')
  expect(allow({ url: 'http://127.0.0.1/announce?info_hash=x', address: '127.0.0.1', family: 4, hop: 0 })).toBe(true)
  expect(allow({ url: 'http://127.0.0.1:81/announce?info_hash=x', address: '127.0.0.1', family: 4, hop: 1 })).toBe(true)
  expect(allow({ url: 'http://127.0.0.1:9091/rpc', address: '127.0.0.1', family: 4, hop: 1 })).toBe(false)
})

test('https is never left for http', () => {
  const allow = rule('https://tracker.example/announce')
  expect(allow({ url: 'http://tracker.example/announce', address: '203.0.113.1', family: 4, hop: 1 })).toBe(false)
  expect(allow({ url: 'https://other.example/announce', address: '203.0.113.1', family: 4, hop: 1 })).toBe(true)
})

test.each([
  ['http://tracker.example/announce', 'http://tracker.example/announce'],
  ['http://tracker.example:2710/0123456789abcdef0123456789abcdef/announce', 'http://tracker.example:2710/…/announce'],
  ['http://tracker.example/announce.php?passkey=abc&x', 'http://tracker.example/announce.php?passkey=…&x'],
  ['https://user:word@tracker.example/announce', 'https://…@tracker.example/announce'],
  ['udp://[2001:db8::1]:80/announce', 'udp://[2001:db8::1]:80/announce'],
  ['nonsense', '…'],
])('%s is shown as %s', (url, shown) => {
  expect(maskUrl(url)).toBe(shown)
})

test.each([
  ['http://h/announce#x', 'http://h/announce', 80],
  ['HTTPS://H:444/a?b', 'HTTPS://H:444/a?b', 444],
  ['udp://h:6969', 'udp://h:6969', 6969],
  ['udp://[::1]:80/announce', 'udp://[::1]:80/announce', 80],
])('%s is a tracker', (text, href, port) => {
  expect(trackerUrl(text)).toMatchObject({ href, port })
})

test.each([
  'udp://h',
  'http://',
  'ws://h/announce',
  'http://h:0/',
  'http://h:70000/',
  'udp://①.0.0.1:80/',
  `http://h/${'x'.repeat(2100)}`,
])('%s is none', text => {
  expect(trackerUrl(text)).toBeUndefined()
})
