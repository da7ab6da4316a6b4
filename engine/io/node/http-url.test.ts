import { expect, test } from 'vitest'
import { parseHttpUrl, redirectTarget } from './http-url.ts'

const invalid = expect.objectContaining({ code: 'INVALID_INPUT' }) as unknown
const pathOf = (url: string) => parseHttpUrl(url).path

test.each([
  ['/announce?info_hash=%12%aB%ff~&x=%2f', 'percent escapes keep their case and are neither added nor removed'],
  ['/a//../b/./?q=\'"<>|{}[]^`', 'dot segments and odd characters are left alone'],
])('the request line is %s: %s', path => {
  expect(pathOf(`http://tracker.example${path}`)).toBe(path)
})

test.each([
  ['http://h', '/'],
  ['http://h?a=1', '/?a=1'],
  ['http://h/a#part', '/a'],
  ['http://h/ä b', '/%C3%A4%20b'],
  ['http://h/a\r\nHost: evil', '/a%0D%0AHost:%20evil'],
])('%j asks for %s', (url, path) => {
  expect(pathOf(url)).toBe(path)
})

test('host, port, and who asks are taken from the authority', () => {
  expect(parseHttpUrl('HTTPS://user:p%40ss@Tracker.Example:8443/a')).toMatchObject({
    isTls: true,
    hostname: 'tracker.example',
    port: 8443,
    host: 'tracker.example:8443',
    authorization: `Basic ${Buffer.from('user:p@ss').toString('base64')}`,
  })
  expect(parseHttpUrl('http://[2001:DB8::1]/')).toMatchObject({
    hostname: '2001:db8::1',
    port: 80,
    host: '[2001:db8::1]',
  })
})

test.each([
  'file:///etc/passwd',
  'javascript:alert(1)',
  'udp://h:1/announce',
  'http:/\\127.0.0.1',
  'http://a\\@b/',
  ' http://127.0.0.1',
  'http://127.0.0.1 @example.com',
  'http://',
  'http://h:99999/',
  '',
])('%j is no web address', url => {
  expect(() => parseHttpUrl(url)).toThrow(invalid)
})

test.each([
  ['http://other/x?a=%aa', 'http://other/x?a=%aa'],
  ['//other/x', 'https://other/x'],
  ['/x?a=%aA', 'https://h:444/x?a=%aA'],
  ['y', 'https://h:444/a/y'],
  ['?q', 'https://h:444/a/b?q'],
  ['', 'https://h:444/a/b?c'],
])('Location: %s leads to %s', (location, url) => {
  expect(redirectTarget(parseHttpUrl('https://h:444/a/b?c'), location).url).toBe(url)
})

test.each(['file:///etc/passwd', 'javascript:alert(1)', 'ftp://h/', 'http://'])('Location: %s is refused', location => {
  const refused = expect.objectContaining({ code: 'HTTP_REDIRECT' }) as unknown
  expect(() => redirectTarget(parseHttpUrl('http://h/'), location)).toThrow(refused)
})
