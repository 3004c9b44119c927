import './jitless.ts'
import { z } from 'zod'

/** Number formats of a training step's matrix products, the default first. */
export const precisions = ['float32', 'bfloat16', 'tf32'] as const

/** In what the matrix products of training steps are computed; inputs, outputs, state and all else stay float32. */
export const precision = z.enum(precisions)
export type Precision = z.infer<typeof precision>

interface PrecisionText {
  readonly title: string
  /** What it is, what it needs and what it changes. */
  readonly help: string
}

/** What a form says of each format. */
export const precisionTexts: Readonly<Record<Precision, PrecisionText>> = {
  float32: {
    title: 'float32',
    help: 'Every product in single precision: what the algorithms were published with, and the default.'
  },
  bfloat16: {
    title: 'bfloat16 products',
    help:
      'Matrix products multiply in bfloat16 (8 significant bits) and add up in float32; weights, optimiser and losses stay ' +
      'float32. Faster where the processor has AMX or AVX512-BF16, or on a GPU. Curves differ from float32 as another seed does.'
  },
  tf32: {
    title: 'TF32 products',
    help:
      'Matrix products multiply in TF32 (11 significant bits) on tensor cores of NVIDIA GPUs since Ampere and add up in float32; ' +
      'all else stays float32. Curves differ from float32 by rounding, less than with bfloat16.'
  }
}

/** A format beside float32 on one engine, and why it cannot be used here; null when it can. */
export const enginePrecision = z.object({ precision, reason: z.string().nullable() })
export type EnginePrecision = z.infer<typeof enginePrecision>

/**
 * Why an engine cannot compute in a format here.
 * @param offered what the engine says of formats beside float32; absent when it has none
 * @returns null when it can
 */
export function precisionProblem(
  wanted: Precision,
  offered: readonly EnginePrecision[] | undefined
): string | null {
  if (wanted === 'float32') return null
  const entry = offered?.find(({ precision: format }) => format === wanted)
  return entry ? entry.reason : `this engine has no ${precisionTexts[wanted].title}`
}
