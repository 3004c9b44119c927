/** What is too large to be imported, refused before memory is asked for it, each in a sentence with the number. */
import { UserError } from '../../base/errors.ts'
import { sizeOf } from '../../base/tensors.ts'

/** Numbers of one column: 4 GiB as they are kept, four times the memory that an import may take. */
const mostNumbers = 2 ** 30
/** Numbers of one observation or action: each has its own row and histogram on the dataset's page, in one answer. */
const mostWidth = 1024
/** Choices of a discrete action: policies have an output for each. */
export const mostChoices = 10_000

/**
 * Refuses a column that declares more numbers than can be imported: a damaged header, or a few kilobytes that claim terabytes.
 * @param shape [rows, ...]
 * @throws UserError('invalid-file')
 */
export function requireReadable(name: string, shape: readonly number[]): void {
  const numbers = sizeOf(shape)
  if (numbers > mostNumbers)
    throw new UserError(
      'invalid-file',
      `${name}: the file declares ${shape.join(' × ')} numbers, ${Math.round(numbers / 2 ** 28)} GiB; at most ${mostNumbers / 2 ** 28} GiB of one column can be imported, so the file is damaged or has to be split`
    )
}

/** @throws UserError('unsupported') for observations or actions of too many numbers */
export function requireWidth(what: 'observations' | 'actions', width: number): void {
  if (width > mostWidth)
    throw new UserError(
      'unsupported',
      `${what} have ${width} numbers a step, at most ${mostWidth} can be imported; leave some out, or reduce them to features first`
    )
}
