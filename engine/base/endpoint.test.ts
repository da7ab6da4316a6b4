import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compactEndpoint, endpoint, endpointKey, ipv6Bytes, ipv6Text, parseCompact, parseEndpoint } from './endpoint.ts'

test.each([
  ['1.2.3.4:6881', '1.2.3.4:6881'],
  ['[2001:DB8:0:0:0:0:0:1]:80', '[2001:db8::1]:80'],
  ['[::ffff:1.2.3.4]:80', '1.2.3.4:80'],
  ['[fe80::1%eth0]:80', '[fe80::1]:80'],
  ['[::]:1', '[::]:1'],
  ['010.001.2.3:1', '10.1.2.3:1'],
])('%s is %s', (text, key) => {
  const parsed = parseEndpoint(text)
  expect(parsed && endpointKey(parsed)).toBe(key)
})

test.each([
  '',
  'example.com:80',
  '1.2.3.4',
  '1.2.3.4:0',
  '1.2.3.4:65536',
  '1.2.3.4:-1',
  '1.2.3.256:1',
  '1.2.3:1',
  '0x7f.0.0.1:1',
  '2130706433:1',
  '::1:80',
  '[::1]',
  '[1::2::3]:1',
  '[12345::]:1',
  '[1:2:3:4:5:6:7]:1',
  '[1:2:3:4:5:6:7:8:9]:1',
  '[::g]:1',
  '[:::]:1',
  '1.2.3.4:80 ',
])('"%s" is no address to dial', text => {
  expect(parseEndpoint(text)).toBeUndefined()
})

test.each([
  ['1:0:0:2:0:0:0:3', '1:0:0:2::3'],
  ['1:0:0:2:2:0:0:3', '1::2:2:0:0:3'],
  ['1:0:2:3:4:5:6:7', '1:0:2:3:4:5:6:7'],
  ['0:0:0:0:0:0:0:0', '::'],
  ['1:0:0:0:0:0:0:0', '1::'],
])('%s is written %s (RFC 5952)', (long, short) => {
  expect(ipv6Text(ipv6Bytes(long)!)).toBe(short)
})

test('text and bytes of any IPv6 address agree', () => {
  const bytes = fc.uint8Array({ minLength: 16, maxLength: 16 })
  fc.assert(fc.property(bytes, given => Buffer.compare(ipv6Bytes(ipv6Text(given))!, given) === 0))
})

test('a compact list is read back, without port 0 and no longer than asked', () => {
  const list = ['1.2.3.4:1', '5.6.7.8:9'].map(text => compactEndpoint(parseEndpoint(text)!))
  const bytes = Uint8Array.from([...list[0]!, 9, 9, 9, 9, 0, 0, ...list[1]!])
  expect(parseCompact(bytes, 4, 10)?.map(endpointKey)).toEqual(['1.2.3.4:1', '5.6.7.8:9'])
  expect(parseCompact(bytes, 4, 1)).toHaveLength(1)
  expect(parseCompact(bytes.subarray(1), 4, 10)).toBeUndefined()
  expect(parseCompact(compactEndpoint(endpoint('2001:db8::1', 7)!), 6, 10)?.map(endpointKey)).toEqual([
    '[2001:db8::1]:7',
  ])
})
