import { messageOf, UserError } from '../base/errors.ts'
import type { Session } from '../compute/engine.ts'
import { probeCase, type ProbeCase } from '../compute/onnx/probeCase.ts'

const steps = 3
/** Largest difference from the op-by-op engine, relative to the larger of 1 and the value: well above rounding. */
const tolerance = 1e-3

/**
 * Loads a built engine and trains a few steps with it, beside the op-by-op engine. Call it in a process that may be lost: native
 * code can end it without a word, and the libraries stay loaded.
 * @param staging an engines folder that holds the engine
 * @throws UserError('engine-failed')
 */
export async function verifyEngine(staging: string): Promise<void> {
  process.env.STITCHWORK_ENGINES = staging
  const one = probeCase([16, 16], 8)
  const { eagerEngine } = await import('../compute/eager/index.ts')
  const expected = await metricsOf(one, await eagerEngine.compile(one.program, { threads: 1 }))
  let actual: Float32Array
  try {
    const { tensorflowEngine } = await import('../compute/tensorflow/index.ts')
    actual = await metricsOf(one, await tensorflowEngine.compile(one.program, { threads: 1 }))
  } catch (error) {
    throw new UserError(
      'engine-failed',
      `the built engine does not run: ${messageOf(error).slice(0, 400)}; install it again, or from another wheel`
    )
  }
  const error = Math.max(...actual.map((value, i) => differenceOf(value, expected[i])))
  if (error <= tolerance) return // not so for NaN
  throw new UserError(
    'engine-failed',
    `the built engine computes something else than the app's own (difference ${error}); install it again, or from another wheel`
  )
}

async function metricsOf(one: ProbeCase, session: Session): Promise<Float32Array> {
  try {
    await session.load(one.state)
    await session.setColumns(one.columns)
    return (await session.run(one.request(0, steps))).metrics
  } finally {
    await session.close()
  }
}

const differenceOf = (actual: number, expected: number): number =>
  Object.is(actual, expected) ? 0 : Math.abs(actual - expected) / Math.max(1, Math.abs(expected))
