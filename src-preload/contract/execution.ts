import './jitless.ts'
import { z } from 'zod'

/** Ways in which TensorFlow runs training steps: operation by operation, or compiled by XLA. */
export const executionModes = ['graph', 'xla'] as const
export const executionMode = z.enum(executionModes)
export type ExecutionMode = z.infer<typeof executionMode>

/** How an engine that has several ways ran a program, and why so. */
export const execution = z.object({ mode: executionMode, reason: z.string() })
export type Execution = z.infer<typeof execution>

/** What people read: 'steps run ...'. */
export const executionTexts: Readonly<Record<ExecutionMode, string>> = {
  graph: 'node by node',
  xla: 'compiled by XLA'
}

/** The same where there is room for a word. */
export const executionWords: Readonly<Record<ExecutionMode, string>> = { graph: 'graph', xla: 'XLA' }
