import { sizeOf } from '../base/tensors.ts'
import type { RunRequest } from './engine.ts'
import type { Program } from './program.ts'

/** The part of a request for `steps` steps from `from` on; it shares the request's memory. */
export function requestPart(
  { batchSize, noise: specs }: Program,
  request: RunRequest,
  from: number,
  steps: number
): RunRequest {
  if (steps === request.steps) return request
  const noise = Object.entries(specs).map(([name, { shape }]) => {
    const size = sizeOf(shape)
    return [name, request.noise[name].subarray(from * size, (from + steps) * size)] as const
  })
  const indices = request.indices.subarray(from * batchSize, (from + steps) * batchSize)
  return { steps, indices, noise: Object.fromEntries(noise) }
}
