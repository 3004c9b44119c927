import { randomUUID } from 'node:crypto'
import { rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { UserError } from '../base/errors.ts'
import { fileError, syncFolder } from '../base/files.ts'

/** Half-made and half-deleted engines; the next install deletes them. */
const leftoverName = (kind: 'partial' | 'old'): string => `tensorflow.${kind}-${randomUUID()}`

/**
 * Deletes the installed TensorFlow engine: moved aside in one step, so that nobody sees half of it.
 * @throws UserError('not-found' | 'io-error')
 */
export async function removeInstalled(folder: string): Promise<void> {
  const aside = join(folder, leftoverName('old'))
  try {
    await rename(join(folder, 'tensorflow'), aside)
    await syncFolder(folder)
    await rm(aside, { recursive: true, force: true })
  } catch (error) {
    if ((error as { code?: string }).code === 'ENOENT')
      throw new UserError('not-found', 'the TensorFlow engine is not installed; there is nothing to remove')
    throw fileError(error, 'remove', folder)
  }
}
