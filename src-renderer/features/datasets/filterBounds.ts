/** The number of a field; null where it is empty. */
export const numberOrNull = (text: string): number | null => (text.trim() === '' ? null : Number(text))

/** What is wrong with a pair of optional bounds, in one sentence; null when they can be used. */
export function boundsProblem(low: string, high: string, whole: boolean): string | null {
  for (const text of [low, high]) {
    const value = numberOrNull(text)
    if (value !== null && !Number.isFinite(value)) return `“${text.trim()}” is not a number.`
    if (value !== null && whole && (!Number.isInteger(value) || value < 0))
      return 'Write whole numbers from 0.'
  }
  const [least, most] = [numberOrNull(low), numberOrNull(high)]
  return least !== null && most !== null && least > most
    ? 'The first bound must not exceed the second.'
    : null
}
