import { z } from 'zod'
import type { Findings } from './verdicts.ts'

/** The part of a profile's event that says what ran where. */
const event = z.object({
  cat: z.string(),
  name: z.string(),
  args: z.object({ provider: z.string(), op_name: z.string() })
})

/**
 * Copies between the host and the device at the ends of a call, which the runtime adds by itself: the state and columns of a
 * provider that cannot keep them cross there. Everything else that runs on the processor counts against a provider.
 */
const allowed = new Set(['MemcpyFromHost', 'MemcpyToHost'])

/**
 * Nodes that ran, by provider and operation, the most frequent first.
 * @param profiles texts of profiles as ONNX Runtime writes them
 */
export function countNodes(profiles: readonly string[]): Findings['nodes'] {
  const counts = new Map<string, { provider: string; op: string; count: number }>()
  const seen = new Set<string>()
  for (const [i, profile] of profiles.entries()) {
    for (const entry of JSON.parse(profile) as unknown[]) {
      const { success, data } = event.safeParse(entry)
      if (!success || data.cat !== 'Node' || !data.name.endsWith('_kernel_time')) continue
      const { provider, op_name: op } = data.args
      if (allowed.has(op) || seen.has(`${i} ${data.name}`)) continue
      seen.add(`${i} ${data.name}`)
      const key = `${provider} ${op}`
      const known = counts.get(key) ?? { provider, op, count: 0 }
      known.count++
      counts.set(key, known)
    }
  }
  return [...counts.values()].sort((a, b) => b.count - a.count)
}
