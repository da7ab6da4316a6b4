// @ts-check

/** Scheme with its colon → who answers. @type {Map<string, (request: Request) => Promise<Response>>} */
export const protocols = new Map()

export const protocol = {
  registerSchemesAsPrivileged() {},
  /** @param {string} scheme @param {(request: Request) => Promise<Response>} handler */
  handle(scheme, handler) {
    protocols.set(`${scheme}:`, handler)
  },
}
