declare const brand: unique symbol
/** A `Base` that only its own constructor function can mint. Costs nothing at run time. */
export type Brand<Base, Name extends string> = Base & { readonly [brand]: Name }
