import { UserError } from '../base/errors.ts'

/**
 * Lets a built engine train a few steps beside the op-by-op engine, in a process of its own; what was found stays with the files, so
 * that the first run need not try again.
 * @param staging an engines folder that holds the engine; named in this process's environment from here on
 * @throws UserError('engine-failed')
 */
export async function verifyEngine(staging: string): Promise<void> {
  process.env.STITCHWORK_ENGINES = staging
  const { probeTensorflow } = await import('../compute/tensorflow/probe.ts')
  const { reason } = await probeTensorflow()
  if (reason !== null)
    throw new UserError('engine-failed', `the built engine does not serve: ${reason}, or from another wheel`)
}
