import { formatCount } from './format.ts'

/** "1 torrent", "3 torrents": the count with the word that agrees with it. */
export const plural = (count: number, one: string, many: string) => `${formatCount(count)} ${count === 1 ? one : many}`
