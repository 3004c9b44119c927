/**
 * Characters that a terminal obeys instead of showing: controls (C0 but for tab and newline, delete, C1) and marks that turn
 * the direction of writing. A carriage return before a newline is the end of a line on Windows.
 */
const controls = /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]|\r(?!\n)/g

const hex = (character: string, digits: number): string =>
  character.charCodeAt(0).toString(16).padStart(digits, '0')
const inUnicode = (character: string): string => `\\u${hex(character, 4)}`
const escaped = (character: string): string =>
  character < '\u0100' ? `\\x${hex(character, 2)}` : inUnicode(character)

/** A text whose control characters are shown (`\x1b`) and not obeyed; line breaks and tabs stay. */
export const visible = (text: string): string => text.replace(controls, escaped)

/** The same in one line: line breaks and tabs are shown too. */
export const visibleLine = (text: string): string =>
  text.replace(/[\n\r\t]/g, escaped).replace(controls, escaped)

/** JSON whose strings hold nothing that a terminal obeys; `JSON.stringify` leaves some of it as it is. It means the same. */
export const visibleJson = (json: string): string => json.replace(controls, inUnicode)
