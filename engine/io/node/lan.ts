import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { networkInterfaces } from 'node:os'
import { endpoint } from '#engine/base/endpoint.ts'
import type { Lan, LanInterface } from '../lan.ts'
import { gatewayOfProc4, gatewayOfProc6, gatewayOfRouteGet, gatewayOfRoutePrint } from './gateway.ts'

/** A route command that takes longer than this is not waited for. */
const COMMAND_MS = 3_000

export class NodeLan implements Lan {
  async gateway(family: 4 | 6): Promise<string | undefined> {
    try {
      if (process.platform === 'linux') {
        if (family === 4) return gatewayOfProc4(await readFile('/proc/net/route', 'latin1'))
        return gatewayOfProc6(await readFile('/proc/net/ipv6_route', 'latin1'))
      }
      if (process.platform === 'win32') {
        const folder = process.env['SystemRoot'] ?? 'C:\\Windows'
        return gatewayOfRoutePrint(await output(`${folder}\\System32\\route.exe`, ['print', `-${family}`]), family)
      }
      const inet = family === 4 ? '-inet' : '-inet6'
      return gatewayOfRouteGet(await output('/sbin/route', ['-n', 'get', inet, 'default']))
    } catch {
      // No such file, command or route: there is no router that we know of.
      return undefined
    }
  }

  interfaces(): LanInterface[] {
    return Object.entries(networkInterfaces()).flatMap(([name, addresses = []]) =>
      addresses.flatMap(one => {
        const known = endpoint(one.address, 1)
        if (!known) return []
        const scope = one.family === 'IPv6' ? one.scopeid : 0
        const { address, family } = known
        return [{ name, address, family, netmask: one.netmask, internal: one.internal, scope }]
      }),
    )
  }
}

function output(command: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(command, args, { timeout: COMMAND_MS, windowsHide: true }, (error, text) =>
      error ? reject(error) : resolve(text),
    )
  })
}
