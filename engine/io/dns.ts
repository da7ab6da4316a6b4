export interface Dns {
  /**
   * Addresses of a host name, or the literal itself. Canonical text as in `Endpoint.address`.
   * @throws EngineError DNS_FAILED (network), ABORTED
   */
  resolve(host: string, signal: AbortSignal): Promise<readonly { address: string; family: 4 | 6 }[]>
}
