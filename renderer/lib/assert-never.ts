/** For the end of a `switch` over a union: a case that is missing does not compile. */
export function assertNever(value: never): never {
  throw new Error(`unexpected ${JSON.stringify(value)}`)
}
