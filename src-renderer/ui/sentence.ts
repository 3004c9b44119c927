/**
 * What a person should read about an error: the host's sentence as it is, with a capital and a full stop.
 * @returns null for an error that needs no message: the connection banner already tells of a lost connection
 */
export function sentenceOf(error: unknown): string | null {
  const { code, message } = error as { code?: string; message?: string }
  if (code === 'closed') return null
  const text = (message ?? String(error)).trim()
  const capital = text.charAt(0).toUpperCase() + text.slice(1)
  return /[.!?]$/.test(capital) ? capital : `${capital}.`
}
