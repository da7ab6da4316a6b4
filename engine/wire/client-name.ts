import { latin1, lossyText } from '#engine/base/bytes.ts'
import { LIMITS } from '#engine/base/limits.ts'

/** `-XX1234-`: two letters and a version (BEP 20, "Azureus style"). */
const AZUREUS: Readonly<Record<string, string>> = {
  A2: 'aria2',
  AG: 'Ares',
  AR: 'Arctic',
  AZ: 'Azureus',
  BB: 'BitBuddy',
  BC: 'BitComet',
  BG: 'BTG',
  BI: 'BiglyBT',
  BT: 'BitTorrent',
  CT: 'CTorrent',
  DE: 'Deluge',
  ES: 'Electric Sheep',
  FD: 'Free Download Manager',
  FH: 'Freshet',
  FL: 'Flud',
  FW: 'FrostWire',
  HL: 'Halite',
  KG: 'KGet',
  KT: 'KTorrent',
  LP: 'Lphant',
  LT: 'libtorrent',
  LW: 'LimeWire',
  MO: 'MonoTorrent',
  NX: 'Net Transport',
  PD: 'Pando',
  PI: 'PicoTorrent',
  QD: 'QQDownload',
  QT: 'Qt 4 example',
  SZ: 'Shareaza',
  TL: 'Tribler',
  TN: 'TorrentDotNET',
  TR: 'Transmission',
  TT: 'TuoTu',
  TX: 'Tixati',
  UM: 'µTorrent Mac',
  UT: 'µTorrent',
  UW: 'µTorrent Web',
  VG: 'Vagaa',
  WD: 'WebTorrent Desktop',
  WW: 'WebTorrent',
  WY: 'FireTorrent',
  XL: 'Xunlei',
  XT: 'XanTorrent',
  ZT: 'ZipTorrent',
  lt: 'libTorrent (rTorrent)',
  qB: 'qBittorrent',
  rQ: 'rqbit',
  st: 'sharktorrent',
}

/** One letter and up to five version characters, then dashes (BEP 20, "Shadow style"). */
const SHADOW: Readonly<Record<string, string>> = {
  A: 'ABC',
  O: 'Osprey Permaseed',
  Q: 'BTQueue',
  R: 'Tribler',
  S: 'Shadow',
  T: 'BitTornado',
  U: 'UPnP NAT',
}

const UNKNOWN = 'Unknown'
const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/**
 * Which client a peer id speaks of, for people: `qBittorrent 4.5.2`, or `Unknown`. The id is a claim like any other.
 * @param peerId 20 bytes, anything
 */
export function clientName(peerId: Uint8Array): string {
  const id = latin1(peerId)
  return oddOnes(id, peerId) ?? azureus(id) ?? shadow(id) ?? UNKNOWN
}

/**
 * A name that a peer gave itself, for people: at most 64 characters, and none that are invisible, break lines or turn
 * the direction of writing.
 */
export function cleanClientName(bytes: Uint8Array): string {
  const most = LIMITS.wire.clientNameChars
  // A character has at most four bytes; those that go must not use up the room of those that stay by much.
  const text = lossyText(bytes.subarray(0, most * 8))
  return Array.from(text.replaceAll(/[\p{C}\p{Zl}\p{Zp}\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0]/gu, ''))
    .slice(0, most)
    .join('')
    .trim()
}

function azureus(id: string): string | undefined {
  const match = /^-([A-Za-z][A-Za-z0-9])([0-9A-Za-z]{4})-/.exec(id)
  if (!match) return undefined
  const code = match[1]!
  const version = match[2]!
  return `${AZUREUS[code] ?? code} ${azureusVersion(code, version)}`
}

function azureusVersion(code: string, version: string): string {
  const parts = Array.from(version, char => DIGITS.indexOf(char))
  // Transmission before 4 counted in hundredths.
  if (code === 'TR' && parts[0]! < 4) return `${parts[0]}.${version.slice(1, 3)}`
  // The fourth place is a build or a beta mark for most, and part of the number for these.
  return parts.slice(0, code === 'AZ' || code === 'BI' ? 4 : 3).join('.')
}

function shadow(id: string): string | undefined {
  const match = /^([A-Z])([0-9A-Za-z]{1,5})-{3,}/.exec(id)
  const name = match && SHADOW[match[1]!]
  return name ? `${name} ${Array.from(match[2]!, char => DIGITS.indexOf(char)).join('.')}` : undefined
}

/** Those that follow no rule but their own. */
function oddOnes(id: string, bytes: Uint8Array): string | undefined {
  const dashed = /^(M|A2)-?(\d{1,3})-(\d{1,3})-(\d{1,3})-/.exec(id)
  if (dashed) return `${dashed[1] === 'M' ? 'Mainline' : 'aria2'} ${dashed[2]}.${dashed[3]}.${dashed[4]}`
  const donkey = /^-ML(\d[\d.]{0,8}\d)-?/.exec(id)
  if (donkey) return `MLdonkey ${donkey[1]}`
  const xbt = /^XBT(\d)(\d)(\d)([d-])/.exec(id)
  if (xbt) return `XBT ${xbt[1]}.${xbt[2]}.${xbt[3]}${xbt[4] === 'd' ? ' debug' : ''}`
  const opera = /^OP(\d{4})/.exec(id)
  if (opera) return `Opera ${opera[1]}`
  const wheels = /^-BOW(A0B|A0C)-/.exec(id)
  if (wheels) return `Bits on Wheels ${wheels[1] === 'A0B' ? '1.0.5' : '1.0.6'}`
  if (/^(?:exbc|FUTB|xUTB)/.test(id)) {
    const minor = String(bytes[5]).padStart(2, '0')
    return `${id.slice(6, 10) === 'LORD' ? 'BitLord' : 'BitComet'} ${bytes[4]}.${minor}`
  }
  return undefined
}
