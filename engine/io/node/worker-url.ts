/**
 * Where the workers lie: beside this source, or beside the bundle; never inside Electron's archive.
 * Written out one by one, so that a bundler that looks for such lines finds them.
 */
export const diskWorkerUrl = () => unpacked(new URL('./workers/disk-worker.mjs', import.meta.url))
export const checkWorkerUrl = () => unpacked(new URL('./workers/check-worker.mjs', import.meta.url))
export const hashWorkerUrl = () => unpacked(new URL('./workers/hash-worker.mjs', import.meta.url))

const unpacked = (url: URL) => new URL(url.href.replace('/app.asar/', '/app.asar.unpacked/'))
