import manifest from '#manifest' with { type: 'json' }

/** Of the program, from package.json. */
export const version: string = manifest.version

/** How we introduce ourselves to trackers and peers. */
export const userAgent = `Freshet/${version}`
