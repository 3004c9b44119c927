import { join } from 'node:path'
import { messageOf, UserError } from '../base/errors.ts'

interface Binding {
  readonly TF_Version?: string
}

/**
 * Loads a built engine and tries it. Call it in a process that may be lost: native code can end it without a word.
 * @param staging an engines folder that holds the engine
 * @param version the version that the wheel claims
 * @throws UserError('engine-failed')
 */
export async function verifyEngine(staging: string, version: string): Promise<void> {
  const file = join(staging, 'tensorflow', 'lib', 'tfjs_binding.node')
  const module: { exports: Binding } = { exports: {} }
  try {
    process.dlopen(module, file)
  } catch (error) {
    throw new UserError(
      'engine-failed',
      `the built engine does not load: ${messageOf(error).slice(0, 300)}; install again, or with another wheel`
    )
  }
  const found = module.exports.TF_Version
  if (found !== version)
    throw new UserError('engine-failed', `the built engine says it is TensorFlow ${found}, not ${version}`)
}
