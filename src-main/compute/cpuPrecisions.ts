import { readFileSync } from 'node:fs'
import type { EnginePrecision } from '../../src-preload/contract/precision.ts'

/** What makes products in bfloat16 faster than in float32; elsewhere they are emulated, slower. */
const units = ['amx_bf16', 'avx512_bf16']

/** Number formats beside float32 of an engine that computes on this machine's processor and has bfloat16 products. */
export function cpuPrecisions(): EnginePrecision[] {
  return [
    { precision: 'bfloat16', reason: bfloat16Problem(processorFlags()) },
    { precision: 'tf32', reason: 'TF32 is a format of NVIDIA GPUs, and this engine runs on the processor' }
  ]
}

/**
 * Why bfloat16 products do not pay on a processor.
 * @param flags what it can do, as Linux names it; null where the system does not say
 */
export function bfloat16Problem(flags: ReadonlySet<string> | null): string | null {
  if (flags === null) return 'this system does not say whether its processor has AMX or AVX512-BF16'
  if (units.some(unit => flags.has(unit))) return null
  return 'this processor has neither AMX nor AVX512-BF16, so that bfloat16 would be slower than float32'
}

let known: ReadonlySet<string> | null | undefined

function processorFlags(): ReadonlySet<string> | null {
  if (known === undefined) {
    try {
      const line = /^flags\s*:(.*)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'))
      known = line && new Set(line[1].trim().split(/\s+/))
    } catch {
      known = null // no such file: not Linux
    }
  }
  return known
}
