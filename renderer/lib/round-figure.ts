/** "4.0 MiB" as "4 MiB": for what is round by choice, not by measuring. */
export const roundFigure = (words: string) => words.replace(/\.0(?=\s)/, '')
