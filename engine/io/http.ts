/** Decides about an address after DNS, on every hop, before a connection is made (docs/threat-model.md, SSRF). */
export type AddressRule = (target: { url: string; address: string; family: 4 | 6; hop: number }) => boolean

export interface HttpRequest {
  /** http: or https:, byte for byte as it goes out: query strings of trackers are not re-encoded. */
  readonly url: string
  readonly headers?: Readonly<Record<string, string>>
  /** Sent as a POST; GET when absent. The answer is the answer: a POST is never sent on. */
  readonly body?: Uint8Array
  /** Only addresses of this family; both when absent. */
  readonly family?: 4 | 6
  /** Counted while inflating; more is HTTP_TOO_LARGE. */
  readonly maxBytes: number
  readonly maxRedirects: number
  readonly totalMs: number
  readonly silentMs: number
  readonly allow?: AddressRule
}

export interface HttpResponse {
  readonly status: number
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>
  /** Decoded (gzip, deflate, br are asked for and understood). Yours to keep. */
  readonly body: Uint8Array
  /** Where the last redirect led. */
  readonly url: string
  /** The address that answered: tells which family a tracker was reached by. */
  readonly remoteAddress: string
}

export interface Http {
  /**
   * GET, or POST of a body. Any status is an answer; only a failure to get one throws.
   * @throws EngineError HTTP_FAILED, HTTP_TIMEOUT, HTTP_TOO_LARGE, HTTP_REDIRECT, ADDRESS_FORBIDDEN, DNS_FAILED, CONNECT_FAILED, ABORTED
   */
  get(request: HttpRequest, signal: AbortSignal): Promise<HttpResponse>
}
