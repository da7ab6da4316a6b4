export function DetailsPane() {
  return <section aria-label="Details" />
}
