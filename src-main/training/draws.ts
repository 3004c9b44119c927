import type { NoiseSpecs } from '../algorithms/algorithm.ts'
import { fillNormal, fillUniform } from '../base/random.ts'
import { sizeOf } from '../base/tensors.ts'
import type { RunRequest } from '../compute/engine.ts'
import { drawBatches } from '../datasets/sampler.ts'

/** What the random inputs of a run are drawn from. */
export interface DrawSpec {
  readonly seed: number
  readonly batchSize: number
  /** Rows of the view to train on; minibatches are drawn from them with replacement. */
  readonly rows: Int32Array
  readonly noise: NoiseSpecs
}

/**
 * Minibatch rows and noise of consecutive steps. Every number is a function of (seed, stream, absolute step, element), so the
 * requests of any division into calls hold the same numbers.
 * @param firstStep steps done before this call
 */
export function drawRequest(spec: DrawSpec, firstStep: number, steps: number): RunRequest {
  const { seed, batchSize, rows } = spec
  const noise = Object.entries(spec.noise).map(([stream, { shape, distribution }]) => {
    const size = sizeOf(shape)
    const values = new Float32Array(steps * size)
    const fill = distribution === 'normal' ? fillNormal : fillUniform
    for (let i = 0; i < steps; i++) {
      fill(values.subarray(i * size, (i + 1) * size), { seed, stream, step: firstStep + i })
    }
    return [stream, values] as const
  })
  return {
    steps,
    indices: drawBatches(rows, { seed, firstStep, steps, batchSize }),
    noise: Object.fromEntries(noise)
  }
}

interface Drawn {
  readonly firstStep: number
  readonly request: RunRequest
}

/** Draws the next call's numbers while the engine computes the present one; a wrong guess is drawn anew. */
export class RequestDrawer {
  readonly #spec: DrawSpec
  #ahead: Drawn | null = null

  constructor(spec: DrawSpec) {
    this.#spec = spec
  }

  /** The request of a call. */
  take(firstStep: number, steps: number): RunRequest {
    const ahead = this.#ahead
    this.#ahead = null
    if (ahead?.firstStep === firstStep && ahead.request.steps === steps) return ahead.request
    return drawRequest(this.#spec, firstStep, steps)
  }

  /** Draws the request that is likely to be next. */
  prepare(firstStep: number, steps: number): void {
    if (steps > 0) this.#ahead = { firstStep, request: drawRequest(this.#spec, firstStep, steps) }
  }
}
