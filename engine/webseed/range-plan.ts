import type { FileSpans } from '#engine/pieces/file-spans.ts'

/** What one request asks for. */
export interface RangePart {
  readonly url: string
  readonly file: number
  /** First and last byte in the file, both included: so counts the Range header. */
  readonly from: number
  readonly to: number
  /** Where its bytes go in the run. */
  readonly at: number
}

/** Which bytes of which URL hold a run of the torrent's bytes (BEP 19). */
export class RangePlan {
  readonly #base: string
  readonly #isFolder: boolean
  readonly #spans: FileSpans
  readonly #spelledPath: (file: number) => readonly Uint8Array[]

  /**
   * @param url ends in `/`, or there are several files: the torrent's paths go behind it. Else it is the one file itself
   * @param spelledPath path elements as the torrent spells them, its name first where there are several files
   */
  constructor(url: string, spans: FileSpans, spelledPath: (file: number) => readonly Uint8Array[]) {
    const base = url.replace(/#.*/s, '')
    this.#isFolder = base.endsWith('/') || spans.fileCount > 1
    this.#base = this.#isFolder && !base.endsWith('/') ? `${base}/` : base
    this.#spans = spans
    this.#spelledPath = spelledPath
  }

  urlOf(file: number): string {
    return this.#isFolder ? this.#base + this.#spelledPath(file).map(escapeElement).join('/') : this.#base
  }

  /**
   * One part for each file that the run touches, in order. Padding lies on no server and has none.
   * @param begin of the run in its piece; it may reach into the pieces that follow
   */
  partsOf(piece: number, begin: number, length: number): RangePart[] {
    const parts: RangePart[] = []
    let at = 0
    for (const { file, offset, length: size, padding } of this.#spans.spansOf(piece, begin, length)) {
      if (!padding) parts.push({ url: this.urlOf(file), file, from: offset, to: offset + size - 1, at })
      at += size
    }
    return parts
  }
}

/** Its bytes, whatever their encoding; all but the unreserved characters of RFC 3986 escaped, and so `/` as well. */
function escapeElement(element: Uint8Array): string {
  let text = ''
  for (const byte of element) {
    const char = String.fromCharCode(byte)
    text += /[\w.~-]/.test(char) ? char : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
  }
  return text
}
