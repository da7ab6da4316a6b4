/**
 * The whole Redux state as every face part sees it. Each slice adds its own line beside its reducer:
 *
 *     declare module '#renderer/engine/state.ts' {
 *       interface State { readonly selection: SelectionState }
 *     }
 *
 * `app/store.ts` holds the reducers and fails to compile while one of them is missing.
 */
// oxlint-disable-next-line typescript/no-empty-interface -- filled by declaration merging
export interface State {}
