/** A record of the same names with other values. */
export function mapEntries<A, B>(
  record: Readonly<Record<string, A>>,
  fn: (value: A, name: string) => B
): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, fn(value, name)]))
}
