import './jitless.ts'
import { z } from 'zod'

/** The closed list of error kinds that cross the contract; each has one meaning and the page can react to it. */
export const errorCodes = [
  'invalid-params',
  'unknown-method',
  'unsupported',
  'not-found',
  'conflict',
  'invalid-config',
  'invalid-file',
  'unknown-format',
  'import-cancelled',
  'import-timeout',
  'import-memory',
  'missing-answer',
  'incompatible-data',
  'engine-unavailable',
  'engine-failed',
  'non-finite',
  'checkpoint-corrupt',
  'dataset-corrupt',
  'disk-full',
  'io-error',
  'store-locked',
  'store-newer',
  'store-corrupt',
  'frame-too-large',
  'forbidden',
  'closed',
  'internal'
] as const

export const errorCode = z.enum(errorCodes)
export type ErrorCode = z.infer<typeof errorCode>

/** An error as it travels: data, because a thrown error loses all but its message between processes. */
export const wireError = z.object({
  code: errorCode,
  message: z.string(),
  details: z.record(z.string(), z.unknown())
})
export type WireError = z.infer<typeof wireError>
