import { expect, test } from 'vitest'
import { sumTrace } from '../../bench/profileRunner.ts'
import { profileTable } from '../../bench/sections/profile.ts'

const kernel = (op: string, dur: number) => ({
  ...{ cat: 'Node', name: `${op}_7_kernel_time`, dur },
  args: { op_name: op }
})

test('sums kernels by operation, the costliest first, without the loop around them', () => {
  const fence = { cat: 'Node', name: 'Mul_fence_before', dur: 5, args: { op_name: 'Mul' } }
  const session = { cat: 'Session', name: 'model_run', dur: 999 }
  const events = [
    kernel('Mul', 10),
    fence,
    kernel('Gemm', 50),
    kernel('Mul', 15),
    kernel('Loop', 80),
    session
  ]
  expect(sumTrace(events)).toEqual([
    { op: 'Gemm', microseconds: 50, count: 1 },
    { op: 'Mul', microseconds: 25, count: 2 }
  ])
})

test('shows the rest in one line, so that shares add up', () => {
  const ops = Array.from({ length: 16 }, (_, i) => ({ op: `op${i}`, microseconds: 100, count: 4 }))
  const { rows } = profileTable('Profile', { steps: 2, ops })
  expect(rows).toHaveLength(15)
  expect(rows[0]).toEqual(['op0', 2, 50, '6.3 %'])
  expect(rows.at(-1)).toEqual(['all others', 4, 100, '12.5 %'])
})
