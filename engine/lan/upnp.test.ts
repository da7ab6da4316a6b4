import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { utf8 } from '#engine/base/bytes.ts'
import { igdDescription } from '#engine/testing/fake-gateway.ts'
import { sharedData } from '#engine/testing/shared-data.ts'
import { parseDescription } from './upnp-description.ts'
import { encodeSsdpSearch, parseSsdpAnswer } from './upnp-discovery.ts'
import { childText, elementsNamed, parseXml, type XmlElement } from './xml.ts'

const invalid = expect.objectContaining({ code: 'GATEWAY_INVALID', blame: 'network' }) as unknown
const xml = (text: string) => parseXml(utf8(text))
const show = ({ name, text, children }: XmlElement): string => `${name}(${text}${children.map(show).join('')})`

test('reads elements and text, whatever stands around and between them', () => {
  const text = `<?xml version="1.0"?> <!-- <a> --> <s:root a="1>2" b='/'>
    <child>one &amp; &lt;two&gt; &custom; &#65;</child><empty/><empty b="c" /><x:child><![CDATA[<raw>&amp;]]></x:child></s:root >`
  expect(show(xml(text))).toBe('root(child(one & <two> &custom; &#65;)empty()empty()child(<raw>&amp;))')
  expect(childText(xml(text), 'child')).toBe('one & <two> &custom; &#65;')
  expect(elementsNamed(xml(text), 'child')).toHaveLength(2)
})

test.each([
  ['a document type', '<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>'],
  ['an entity inside', '<x><!ENTITY a "b"></x>'],
  ['elements that cross', '<a><b></a></b>'],
  ['an end without a beginning', '</a>'],
  ['a beginning without an end', '<a><b></b>'],
  ['a tag without an end', '<a b="'],
  ['a comment without an end', '<a><!-- </a>'],
  ['two roots', '<a></a><b></b>'],
  ['no root', 'text'],
  ['an element without a name', '<a>< b></a>'],
  ['33 levels', `${'<a>'.repeat(33)}${'</a>'.repeat(33)}`],
  ['more than 256 KiB', `<a>${'x'.repeat(256 * 1024)}</a>`],
])('refuses %s', (_, text) => {
  expect(() => xml(text)).toThrow(invalid)
})

test('32 levels and 10,000 elements are read, and more is refused in no time', () => {
  expect(show(xml(`${'<a>'.repeat(32)}${'</a>'.repeat(32)}`))).toContain('a(a(')
  const wide = xml(`<a>${'<b/>'.repeat(9_999)}</a>`)
  expect(wide.children).toHaveLength(9_999)
  expect(() => xml(`<a>${'<b/>'.repeat(65_000)}</a>`)).toThrow(invalid)
  expect(() => xml('<'.repeat(250_000))).toThrow(invalid)
  expect(() => xml(`<a>${'<!---->'.repeat(30_000)}`)).toThrow(invalid)
})

test('any text is a tree or a refusal', () => {
  const piece = fc.constantFrom(
    '<a>',
    '</a>',
    '<b c="',
    '"',
    '>',
    '<!--',
    '-->',
    '<![CDATA[',
    ']]>',
    '&amp;',
    '&',
    '<?',
    '?>',
    'x',
    '/',
    ' ',
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), pieces => {
      try {
        expect(xml(pieces.join(''))).toHaveProperty('name')
      } catch (error) {
        expect(error).toEqual(invalid)
      }
    }),
    { numRuns: 5000 },
  )
})

const location = 'http://192.168.0.1:5000/root.xml'
const connectionAt = (control: string, at = location) =>
  parseDescription(utf8(igdDescription(control)), at).connection?.controlUrl

test('tells a router what to do at its own address only', () => {
  expect(connectionAt('/control?x=1&amp;y=2')).toBe('http://192.168.0.1:5000/control?x=1&y=2')
  expect(connectionAt('control')).toBe('http://192.168.0.1:5000/control')
  expect(connectionAt('http://192.168.0.1:80/c')).toBe('http://192.168.0.1/c')
  const elsewhere = [
    'http://127.0.0.1/',
    'http://192.168.0.2/c',
    '//evil.example/c',
    'https://192.168.0.1/c',
    'file:///c',
    '',
  ]
  expect(elsewhere.map(control => connectionAt(control))).toEqual(elsewhere.map(() => undefined))
})

const captured = ['libtorrent--root1', 'libtorrent--root2', 'libtorrent--root3', 'rqbit--devices-0'].map(name =>
  sharedData(`vectors/captured/${name}.xml`),
)

test.skipIf(captured.includes(undefined))('finds the connection service in descriptions of real routers', () => {
  const found = captured.map(path => {
    // The first three leave a place for the address and port of their test's server.
    const text = readFileSync(path!, 'latin1').replaceAll('%s:%d', '192.168.0.1:5000')
    return parseDescription(utf8(text), location)
  })
  const service = (version: number) => `urn:schemas-upnp-org:service:WANIPConnection:${version}`
  expect(found.map(({ connection }) => connection)).toEqual([
    { type: service(1), controlUrl: 'http://192.168.0.1:5000/wipconn' },
    { type: service(1), controlUrl: 'http://192.168.0.1:5000/WANIPConnection' },
    { type: service(2), controlUrl: 'http://192.168.0.1:5000/WANIPConnection' },
    { type: service(1), controlUrl: 'http://192.168.0.1:5000/upnp/control/WANIPConnection0' },
  ])
})

test('searches and hears as SSDP does', () => {
  const target = 'urn:schemas-upnp-org:device:InternetGatewayDevice:1'
  expect(new TextDecoder().decode(encodeSsdpSearch(target)).split('\r\n')).toEqual([
    'M-SEARCH * HTTP/1.1',
    'HOST: 239.255.255.250:1900',
    'MAN: "ssdp:discover"',
    'MX: 2',
    `ST: ${target}`,
    '',
    '',
  ])
  const answer = (first: string, st: string) =>
    parseSsdpAnswer(utf8(`${first}\r\nSt:${st}\r\nLocation: ${location}\r\n\r\n`))
  expect(answer('HTTP/1.1 200 OK', target)).toEqual({ location })
  expect(answer('NOTIFY * HTTP/1.1', target)).toBeUndefined()
  expect(answer('HTTP/1.1 200 OK', 'upnp:rootdevice')).toBeUndefined()
  fc.assert(fc.property(fc.uint8Array({ maxLength: 60 }), bytes => void parseSsdpAnswer(bytes)))
})
