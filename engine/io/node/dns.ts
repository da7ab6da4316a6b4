import { lookup } from 'node:dns/promises'
import { endpoint } from '#engine/base/endpoint.ts'
import { EngineError } from '#engine/base/errors.ts'
import type { Dns } from '../dns.ts'
import { whenAborted } from './abort.ts'

type Addresses = readonly { address: string; family: 4 | 6 }[]

const KEPT_MS = 60_000
const KEPT_NAMES = 256
const NAME_CHARS = 253

/**
 * The system's resolver, so that hosts files, VPNs and local names work as everywhere else on the machine.
 * Answers are kept for a minute: a thousand torrents of one tracker are one question.
 */
export class NodeDns implements Dns {
  readonly #kept = new Map<string, { at: number; answer: Promise<Addresses> }>()

  async resolve(host: string, signal: AbortSignal): Promise<Addresses> {
    const literal = endpoint(host, 1)
    if (literal) return [{ address: literal.address, family: literal.family }]
    const name = host.toLowerCase()
    if (name === '' || name.length > NAME_CHARS || name.includes('\0')) {
      throw new EngineError('DNS_FAILED', 'network', 'That is no host name')
    }
    return await whenAborted(this.#ask(name), signal)
  }

  #ask(name: string): Promise<Addresses> {
    const now = performance.now()
    const kept = this.#kept.get(name)
    if (kept && now - kept.at < KEPT_MS) return kept.answer
    this.#kept.delete(name)
    const answer = askSystem(name)
    this.#kept.set(name, { at: now, answer })
    if (this.#kept.size > KEPT_NAMES) this.#kept.delete(this.#kept.keys().next().value!)
    answer.catch(() => {
      if (this.#kept.get(name)?.answer === answer) this.#kept.delete(name)
    })
    return answer
  }
}

async function askSystem(name: string): Promise<Addresses> {
  let found
  try {
    found = await lookup(name, { all: true })
  } catch (thrown) {
    throw new EngineError('DNS_FAILED', 'network', `The name ${name} could not be found`, { cause: thrown })
  }
  const addresses = found.flatMap(({ address }) => {
    const known = endpoint(address, 1)
    return known ? [{ address: known.address, family: known.family }] : []
  })
  if (addresses.length === 0) throw new EngineError('DNS_FAILED', 'network', `The name ${name} has no address`)
  return addresses
}
