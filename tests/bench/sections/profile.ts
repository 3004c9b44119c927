import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type Bench, usualSize } from '../bench.ts'
import { rounded, type Table } from '../figures.ts'
import type { Profile } from '../profileRunner.ts'

const shown = 14

/** Where the time of an IQL step goes on onnxruntime, one thread, by kind of operation. */
export async function profile(bench: Bench): Promise<Table[]> {
  const title = 'Profile of one IQL step on onnx, one thread'
  if (!bench.field.engines.some(({ info }) => info.id === 'onnx'))
    return [{ title, columns: [], rows: [], notes: ['SKIPPED, onnx is not among the engines'] }]
  const subject = JSON.stringify({ algorithm: 'iql', ...usualSize })
  const file = join(import.meta.dirname, '../profileRunner.ts')
  const { stdout } = await promisify(execFile)(process.execPath, [file, subject])
  return [profileTable(title, JSON.parse(stdout) as Profile)]
}

/** The costliest kinds of operation, and the rest in one line. */
export function profileTable(title: string, { steps, ops }: Profile): Table {
  const total = ops.reduce((sum, { microseconds }) => sum + microseconds, 0)
  const rest = ops.slice(shown).reduce(
    (sum, op) => ({
      op: sum.op,
      microseconds: sum.microseconds + op.microseconds,
      count: sum.count + op.count
    }),
    { op: 'all others', microseconds: 0, count: 0 }
  )
  const rows = [...ops.slice(0, shown), ...(ops.length > shown ? [rest] : [])].map(op => [
    op.op,
    Math.round(op.count / steps),
    rounded(op.microseconds / steps),
    `${((100 * op.microseconds) / total).toFixed(1)} %`
  ])
  return {
    title,
    columns: ['operation', 'a step', 'microseconds a step', 'share'],
    rows,
    notes: [
      'Kernels alone, measured by the runtime itself, which slows it down; Gemm, FusedGemm and MatMul are the products.'
    ]
  }
}
