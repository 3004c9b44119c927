/** A text with a capital letter at its start. */
export const capitalised = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

/**
 * What a person should read about an error: the host's sentence as it is, with a full stop, and a capital unless it
 * begins with a name.
 * @returns null for an error that needs no message: the connection banner already tells of a lost connection
 */
export function sentenceOf(error: unknown): string | null {
  const { code, message } = error as { code?: string; message?: string }
  if (code === 'closed') return null
  const text = (message ?? String(error)).trim()
  const isWord = /^[a-z]+(?=[\s,;:]|$)/.test(text)
  const capital = isWord ? capitalised(text) : text
  return /[.!?]$/.test(capital) ? capital : `${capital}.`
}
